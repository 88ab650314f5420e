package io.tidelog.chaos.client;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Asks over and over what groups have committed. */
final class CommittedWatch implements Work {

  private static final long PAUSE_MS = 50;

  private final Recorder recorder;
  private final Clients clients;
  private final List<String> groups;
  private final List<TopicPartition> partitions;

  CommittedWatch(
      Recorder recorder, Clients clients, List<String> groups, List<TopicPartition> partitions) {
    this.recorder = recorder;
    this.clients = clients;
    this.groups = groups;
    this.partitions = partitions;
  }

  @Override
  public void run(Stop stop) throws IOException {
    try (var admin = clients.admin()) {
      while (!stop.after(PAUSE_MS)) {
        for (var group : groups) {
          try {
            look(admin, group);
          } catch (ExecutionException | TimeoutException unavailable) {
            // Nothing was told.
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
          }
        }
      }
    }
  }

  private void look(Admin admin, String group)
      throws ExecutionException, InterruptedException, TimeoutException {
    var wish = new ListConsumerGroupOffsetsSpec().topicPartitions(partitions);
    long asked = System.nanoTime();
    Map<TopicPartition, OffsetAndMetadata> told =
        new HashMap<>(
            admin
                .listConsumerGroupOffsets(Map.of(group, wish))
                .partitionsToOffsetAndMetadata(group)
                .get(Clients.CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
    for (var partition : partitions) {
      var offset = told.get(partition);
      recorder.committedSeen(asked, group, partition, offset == null ? -1 : offset.offset());
    }
  }
}
