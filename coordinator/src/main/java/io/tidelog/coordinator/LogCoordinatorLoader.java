package io.tidelog.coordinator;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.coordinator.common.runtime.CoordinatorLoader;
import org.apache.kafka.coordinator.common.runtime.CoordinatorPlayback;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;

/**
 * Replays an internal partition into Kafka's coordinator and makes the shard that writes to it from
 * then on. A load that cannot read its log waits and goes on, so that clients are told that the
 * coordinator is loading for as long as that is true; only damage ends it.
 */
final class LogCoordinatorLoader implements CoordinatorLoader<CoordinatorRecord> {

  private final OffsetsShards shards;
  private final BatchReader reader;
  private final Lane lane;
  private final Clock clock;

  LogCoordinatorLoader(OffsetsShards shards, BatchReader reader, Lane lane, Clock clock) {
    this.shards = shards;
    this.reader = reader;
    this.lane = lane;
    this.clock = clock;
  }

  @Override
  public CompletableFuture<LoadSummary> load(
      TopicPartition partition, CoordinatorPlayback<CoordinatorRecord> playback) {
    var task = new LoadTask(partition.partition(), playback, shards, reader, lane, clock);
    shards.beginLoad(partition.partition(), task);
    lane.execute(task::start);
    return task.loaded();
  }

  @Override
  public void close() {}
}
