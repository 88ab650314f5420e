package io.tidelog.simulation.cluster;

import io.tidelog.core.PartitionId;
import io.tidelog.metadata.api.PartitionMove;
import io.tidelog.metadata.api.PartitionMoves;
import io.tidelog.metadata.api.Subscription;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** There is one log, so nothing moves. */
final class NoMoves implements PartitionMoves {

  @Override
  public Collection<PartitionMove> all() {
    return List.of();
  }

  @Override
  public Standing standing(PartitionId partition) {
    return new Standing(0, null, 0, null);
  }

  @Override
  public Subscription onChange(Runnable listener) {
    return () -> {}; // nothing ever changes
  }

  @Override
  public CompletionStage<Void> refresh() {
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<Void> swapHome(PartitionMove move) {
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<Void> cancel(PartitionMove move) {
    return CompletableFuture.completedStage(null);
  }
}
