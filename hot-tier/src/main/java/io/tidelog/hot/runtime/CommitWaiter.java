package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;

/** Waits for a write group. Told once, on the lane, by one of the last three. */
interface CommitWaiter {

  /** The group is written; true when that is all it waited for. */
  boolean onWritten();

  /** The group is committed and what it changed is published. */
  void onCommitted();

  /** The group was not written and never will be. */
  void onRefused(Fault fault);

  /** The group may or may not survive. */
  void onUncertain(Fault fault);
}
