package io.tidelog.simulation.log;

import io.tidelog.core.PartitionId;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.hot.runtime.LogDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/**
 * Who creates, changes and deletes partitions and deletes records, and asks again for what a node
 * did not answer.
 */
final class SimAdmin {

  private final Random random;
  private final SimOptions options;
  private final List<SimPartition> partitions = new ArrayList<>();
  private final List<SimPartition> closing = new ArrayList<>();
  private long created;
  private boolean isOpened;

  SimAdmin(Random random, SimOptions options) {
    this.random = random;
    this.options = options;
    for (int i = 0; i < options.partitions(); i++) {
      partitions.add(create(options.retentionMs()));
    }
  }

  private SimPartition create(long retentionMs) {
    return new SimPartition(
        new PartitionId(new UUID(1, ++created), 0), config(retentionMs, options.delayMs()));
  }

  private PartitionConfig config(long retentionMs, long delayMs) {
    return new PartitionConfig(
        retentionMs, -1, options.offloads() ? 1 : -2, -2, false, true, delayMs, -1);
  }

  /** Those that are to exist. */
  List<SimPartition> partitions() {
    return partitions;
  }

  SimPartition any() {
    return partitions.get(random.nextInt(partitions.size()));
  }

  /** Whether everything asked for was done. */
  boolean isSettled() {
    return isOpened && closing.isEmpty();
  }

  /** Makes the node have the partitions it is to have, with their settings. */
  void reconcile(LogDriver node) {
    isOpened = false;
    var unused =
        node.open(partitions.stream().map(SimPartition::spec).toList())
            .whenComplete((nothing, fault) -> isOpened = fault == null);
    for (var partition : List.copyOf(closing)) {
      close(node, partition);
    }
  }

  private void close(LogDriver node, SimPartition partition) {
    var unused =
        node.close(List.of(partition.id()))
            .whenComplete(
                (nothing, fault) -> {
                  if (fault == null) {
                    closing.remove(partition);
                  }
                });
  }

  /** Does one thing that an administrator may do. */
  void disturb(LogDriver node, List<SimProducer> producers) {
    switch (random.nextInt(4)) {
      case 0 -> replace(node, producers);
      case 1 -> configure(node);
      default -> deleteRecords(node);
    }
  }

  private void replace(LogDriver node, List<SimProducer> producers) {
    int index = random.nextInt(partitions.size());
    var old = partitions.get(index);
    var next = create(options.retentionMs());
    partitions.set(index, next);
    old.onClosing();
    closing.add(old);
    for (var producer : producers) {
      if (producer.partition() == old) {
        producer.moveTo(next);
      }
    }
    reconcile(node);
  }

  private void configure(LogDriver node) {
    var partition = any();
    long retentionMs = random.nextBoolean() ? options.retentionMs() : 300 + random.nextInt(3_000);
    partition.onConfigured(config(retentionMs, options.delayMs()));
    isOpened = false;
    reconcile(node);
  }

  private void deleteRecords(LogDriver node) {
    var partition = any();
    var at = node.snapshot(partition.id());
    if (at == null) {
      return;
    }
    long before = random.nextInt(10) == 0 ? -1 : random.nextLong(at.visibleEndOffset() + 1);
    partition.onDeleteAsked(before == -1 ? Long.MAX_VALUE : before);
    var unused =
        node.deleteBefore(partition.id(), before)
            .whenComplete(
                (start, fault) -> {
                  if (fault == null) {
                    partition.onDeleted(start);
                  }
                });
  }
}
