package io.tidelog.core;

import java.util.concurrent.Executor;

/**
 * One owner of a piece of state: what is posted runs one after the other, in the order of posting
 * by any one thread, and never blocks the poster. A production lane is a thread or an event loop; a
 * test steps a lane by hand.
 */
public interface Lane extends Executor {

  /** Runs {@code task} on this lane later, never inside this call. */
  @Override
  void execute(Runnable task);

  /**
   * Runs {@code task} on this lane not before {@code deadlineNs} on the monotonic {@link Clock}.
   *
   * @return cancels the task if it has not run yet
   */
  Runnable executeAt(long deadlineNs, Runnable task);
}
