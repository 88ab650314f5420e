package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;
import java.util.concurrent.CompletableFuture;

/** Completes a stage when everything it counts is committed. */
final class ControlWaiter implements CommitWaiter {

  private final CompletableFuture<Void> done;

  ControlWaiter(CompletableFuture<Void> done) {
    this.done = done;
  }

  @Override
  public boolean onWritten() {
    return false;
  }

  @Override
  public boolean onNotEnoughReplicas() {
    return false;
  }

  @Override
  public void onCommitted() {
    done.complete(null);
  }

  @Override
  public void onRefused(Fault fault) {
    done.completeExceptionally(fault);
  }

  @Override
  public void onUncertain(Fault fault) {
    done.completeExceptionally(
        new Fault.Uncertain("a change of the log may or may not survive", fault));
  }
}
