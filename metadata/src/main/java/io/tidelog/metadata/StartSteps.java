package io.tidelog.metadata;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node does with its metadata before it serves, while nodes and the store may be started in
 * any order. Owns nothing; whoever starts the node says how long it may take.
 */
public final class StartSteps {

  private static final Logger LOG = LoggerFactory.getLogger(StartSteps.class);
  private static final long RETRY_NS = 1_000_000_000L;

  private StartSteps() {}

  /**
   * Tries again while the store does not answer, every second.
   *
   * @param step may be called again after it failed with {@code Retriable} or {@code Uncertain}
   * @return completes on the lane, with the step's other failures
   */
  public static <T> CompletionStage<T> untilAnswered(
      Supplier<CompletionStage<T>> step, Lane lane, Clock clock) {
    return step.get()
        .exceptionallyComposeAsync(
            failure -> {
              var cause = failure instanceof CompletionException ? failure.getCause() : failure;
              if (!(cause instanceof Fault.Retriable) && !(cause instanceof Fault.Uncertain)) {
                return CompletableFuture.failedStage(failure);
              }
              LOG.warn(
                  "metadata cannot be reached yet, waiting for it, cause={}", cause.toString());
              var later = new CompletableFuture<Void>();
              var unused =
                  lane.executeAt(clock.monotonicNs() + RETRY_NS, () -> later.complete(null));
              return later.thenCompose(now -> untilAnswered(step, lane, clock));
            },
            lane);
  }
}
