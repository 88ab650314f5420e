package io.tidelog.metadata.topic;

import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionHost;
import io.tidelog.core.log.PartitionSpec;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A hot tier that only remembers which partitions are open. */
public final class MemoryHost implements PartitionHost {

  final Map<PartitionId, PartitionConfig> open = new ConcurrentHashMap<>();
  final AtomicInteger openCalls = new AtomicInteger();
  final AtomicInteger closeCalls = new AtomicInteger();

  /** What {@link #open} answers, when not at once. */
  volatile @Nullable CompletableFuture<Void> answer;

  /** What every call of {@link #open} fails with for now. */
  volatile @Nullable Fault failing;

  /** What the next calls of {@link #open} fail with, each once. */
  final Queue<Fault> failures = new ConcurrentLinkedQueue<>();

  @Override
  public Set<PartitionId> partitions() {
    return Set.copyOf(open.keySet());
  }

  @Override
  public CompletionStage<Void> open(List<PartitionSpec> partitions) {
    openCalls.incrementAndGet();
    var failure = failing != null ? failing : failures.poll();
    if (failure != null) {
      return CompletableFuture.failedStage(failure);
    }
    partitions.forEach(spec -> open.put(spec.id(), spec.config()));
    return answer == null ? CompletableFuture.completedStage(null) : answer;
  }

  @Override
  public CompletionStage<Void> close(List<PartitionId> partitions) {
    closeCalls.incrementAndGet();
    partitions.forEach(open::remove);
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<Void> configure(List<PartitionId> partitions, PartitionConfig config) {
    partitions.forEach(id -> open.computeIfPresent(id, (same, old) -> config));
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<Long> deleteBefore(PartitionId partition, long offset) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<List<ProducerEntry>> producers(PartitionId partition) {
    throw new UnsupportedOperationException();
  }
}
