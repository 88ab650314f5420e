package io.tidelog.metadata.topic;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that the hot tier follows each step of the picture. What the hot tier could not do for
 * now is done again from the whole picture, once for all steps that are behind, until it succeeds;
 * whoever waits is told the failure after a while, and the tries go on. On the metadata lane.
 */
final class PartitionFollower {

  /** Before the first try again; it doubles with each that fails. */
  static final long MIN_PAUSE_NS = 200_000_000;

  static final long MAX_PAUSE_NS = 10_000_000_000L;

  /** So long whoever waits for a step is left waiting while it fails. */
  static final long MAX_WAIT_NS = 30_000_000_000L;

  private final PartitionReconciler reconciler;
  private final ImageKeeper images;
  private final Lane lane;
  private final Clock clock;

  // Owned by the lane.
  /** Whose steps the hot tier has not followed yet; empty when they were all told so. */
  private final List<Waiter> behind = new ArrayList<>();

  private boolean isBehind;
  private long pauseNs;

  private record Waiter(CompletableFuture<Void> done, long deadlineNs) {}

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
    first.whenComplete(
        (nothing, failure) -> {
          if (failure == null) {
            done.complete(null);
          } else {
            lane.execute(() -> onBehind(done, causeOf(failure)));
          }
        });
    return done;
  }

  private void onBehind(CompletableFuture<Void> done, Throwable failure) {
    if (!isPassing(failure)) {
      done.completeExceptionally(failure);
      return;
    }
    behind.add(new Waiter(done, clock.monotonicNs() + MAX_WAIT_NS));
    if (!isBehind) {
      isBehind = true;
      pauseNs = MIN_PAUSE_NS;
      comeBack();
    }
  }

  private void comeBack() {
    lane.executeAt(clock.monotonicNs() + pauseNs, this::tryAgain);
  }

  private void tryAgain() {
    var asked = List.copyOf(behind);
    reconciler
        .reconcile(images.current())
        .whenComplete((nothing, failure) -> lane.execute(() -> onTried(asked, failure)));
  }

  private void onTried(List<Waiter> asked, @Nullable Throwable failure) {
    var cause = failure == null ? null : causeOf(failure);
    if (cause == null) {
      behind.removeAll(asked);
      asked.forEach(waiter -> waiter.done().complete(null));
      isBehind = !behind.isEmpty();
      pauseNs = MIN_PAUSE_NS;
    } else if (isPassing(cause)) {
      long nowNs = clock.monotonicNs();
      tell(behind.stream().filter(waiter -> waiter.deadlineNs() - nowNs <= 0).toList(), cause);
      pauseNs = Math.min(MAX_PAUSE_NS, 2 * pauseNs);
    } else {
      tell(List.copyOf(behind), cause);
      isBehind = false;
    }
    if (isBehind) {
      comeBack();
    }
  }

  private void tell(List<Waiter> waiters, Throwable cause) {
    behind.removeAll(waiters);
    waiters.forEach(waiter -> waiter.done().completeExceptionally(cause));
  }

  private static boolean isPassing(Throwable failure) {
    return failure instanceof Fault.Retriable || failure instanceof Fault.Uncertain;
  }

  private static Throwable causeOf(Throwable failure) {
    var cause = failure instanceof CompletionException ? failure.getCause() : null;
    return cause == null ? failure : cause;
  }
}
