package io.tidelog.cold.read;

import io.tidelog.core.Fault;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadResult;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A read in steps: each goes on as far as it can and names what it waits for. Never blocks, and
 * never nests, however many steps find what they need at once.
 */
abstract class ColdSteps {

  private final ReadCompletion completion;

  ColdSteps(ReadCompletion completion) {
    this.completion = completion;
  }

  /** Tells the caller exactly once. */
  final void run() {
    @Nullable ReadResult result;
    try {
      result = runUntilWaiting();
    } catch (Throwable failure) { // the caller waits and must be told
      letGo();
      result = new ReadResult.Failed(fault(failure));
    }
    if (result != null) {
      completion.onCompleted(result);
    }
  }

  private @Nullable ReadResult runUntilWaiting() {
    while (true) {
      var result = result();
      if (result != null) {
        return result;
      }
      var waitingFor = step();
      if (waitingFor != null && !waitingFor.isDone()) {
        var _ = waitingFor.whenComplete((value, failure) -> run());
        return null;
      }
    }
  }

  /** The answer, once there is one. */
  abstract @Nullable ReadResult result();

  /** Takes a step; gives what the next one needs, or null. */
  abstract @Nullable CompletableFuture<?> step();

  /** Gives back what was held. */
  abstract void letGo();

  private static Fault fault(Throwable failure) {
    Throwable reason =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return switch (reason) {
      case Fault.Uncertain uncertain -> new Fault.Retriable(String.valueOf(uncertain), uncertain);
      case Fault fault -> fault;
      default -> new Fault.Broken("cold read failed: " + reason, reason);
    };
  }
}
