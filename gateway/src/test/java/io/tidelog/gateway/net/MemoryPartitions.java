package io.tidelog.gateway.net;

import io.tidelog.core.PartitionId;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionHost;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.TimeRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Partitions that are open, and empty. */
final class MemoryPartitions implements PartitionHost, LogReader {

  static final long HOT_BYTES = 1_234;

  private final Map<PartitionId, PartitionConfig> open = new ConcurrentHashMap<>();

  @Override
  public Set<PartitionId> partitions() {
    return Set.copyOf(open.keySet());
  }

  @Override
  public CompletionStage<Void> open(List<PartitionSpec> partitions) {
    partitions.forEach(spec -> open.put(spec.id(), spec.config()));
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<Void> close(List<PartitionId> partitions) {
    partitions.forEach(open::remove);
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<Void> configure(List<PartitionId> partitions, PartitionConfig config) {
    partitions.forEach(id -> open.replace(id, config));
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<Long> deleteBefore(PartitionId partition, long offset) {
    return CompletableFuture.completedStage(0L);
  }

  @Override
  public CompletionStage<List<ProducerEntry>> producers(PartitionId partition) {
    return CompletableFuture.completedStage(List.of());
  }

  @Override
  public @Nullable PartitionSnapshot snapshot(PartitionId partition) {
    var config = open.get(partition);
    return config == null
        ? null
        : new PartitionSnapshot(partition, config, 0, 0, 0, 0, 0, 0, 0, 7, HOT_BYTES, HOT_BYTES);
  }

  @Override
  public void read(ReadRequest request, ReadCompletion completion) {
    completion.onCompleted(new ReadResult.UnknownPartition());
  }

  @Override
  public void findByTime(TimeRequest request, ReadCompletion completion) {
    completion.onCompleted(new ReadResult.UnknownPartition());
  }

  @Override
  public EpochEnd endOfEpoch(PartitionId partition, int leaderEpoch) {
    return EpochEnd.NONE;
  }

  @Override
  public void onAdvance(AdvanceListener listener) {}
}
