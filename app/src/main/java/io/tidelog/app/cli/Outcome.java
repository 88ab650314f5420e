package io.tidelog.app.cli;

import java.util.concurrent.ExecutionException;

/** Turns what a client's future failed with into an exception the command line explains. */
final class Outcome {

  private Outcome() {}

  static RuntimeException asFailure(Exception failure) {
    if (failure instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    var cause = failure instanceof ExecutionException ? failure.getCause() : failure;
    return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
  }
}
