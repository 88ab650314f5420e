package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;

/**
 * Waits for a write group. Told once how it ended, on the lane: by one of the last three, or by one
 * of the first two when it says that it waited for no more.
 */
interface CommitWaiter {

  /** The group is written; true when that is all it waited for. */
  boolean onWritten();

  /**
   * Too few replicas are in sync to commit the group, which is written, for who knows how long;
   * true when it does not wait for that.
   */
  boolean onNotEnoughReplicas();

  /** The group is committed and what it changed is published. */
  void onCommitted();

  /** The group was not written and never will be. */
  void onRefused(Fault fault);

  /** The group may or may not survive. */
  void onUncertain(Fault fault);
}
