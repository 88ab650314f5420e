package io.tidelog.metadata.topic;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Sees to it that the hot tier follows each step of the picture. What the hot tier could not do for
 * now is done again from the whole picture until it succeeds, up to a limit. On the metadata lane.
 */
final class PartitionFollower {

  /** Between two tries. */
  static final long PAUSE_NS = 200_000_000;

  /** Tries of one step; then whoever waits for it hears of the last failure. */
  static final int MAX_TRIES = 150;

  private final PartitionReconciler reconciler;
  private final ImageKeeper images;
  private final Lane lane;
  private final Clock clock;

  PartitionFollower(PartitionReconciler reconciler, ImageKeeper images, Lane lane, Clock clock) {
    this.reconciler = reconciler;
    this.images = images;
    this.lane = lane;
    this.clock = clock;
  }

  /** Brings the hot tier to the whole current picture. */
  CompletionStage<Void> catchUp() {
    return persist(reconciler.reconcile(images.current()));
  }

  /** Carries one step over; completes on any thread. */
  CompletionStage<Void> follow(ClusterView before, ClusterImage after, Set<String> touched) {
    return persist(reconciler.carryOver(before, after, touched));
  }

  private CompletionStage<Void> persist(CompletionStage<Void> first) {
    var done = new CompletableFuture<Void>();
    watch(first, 1, done);
    return done;
  }

  private void watch(CompletionStage<Void> attempt, int tries, CompletableFuture<Void> done) {
    attempt.whenComplete(
        (nothing, failure) -> {
          if (failure == null) {
            done.complete(null);
          } else if (isPassing(causeOf(failure)) && tries < MAX_TRIES) {
            lane.execute(() -> tryLater(tries, done));
          } else {
            done.completeExceptionally(causeOf(failure));
          }
        });
  }

  private void tryLater(int tries, CompletableFuture<Void> done) {
    lane.executeAt(
        clock.monotonicNs() + PAUSE_NS,
        () -> watch(reconciler.reconcile(images.current()), tries + 1, done));
  }

  private static boolean isPassing(Throwable failure) {
    return failure instanceof Fault.Retriable || failure instanceof Fault.Uncertain;
  }

  private static Throwable causeOf(Throwable failure) {
    var cause = failure instanceof CompletionException ? failure.getCause() : null;
    return cause == null ? failure : cause;
  }
}
