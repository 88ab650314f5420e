package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;
import org.jspecify.annotations.Nullable;

/** What leading a log, or following it, adds to the upkeep of its files. Called on the lane. */
interface LogRole {

  /** Why nothing may be saved or deleted by the view any more, or null. */
  Fault.@Nullable Broken fault();

  /** The log is broken: nothing is written any more. */
  void breakDown(Fault.Broken fault);

  /** A tick begins. */
  void onTick(long nowNs, long nowMs);

  /** What lies before this LSN is about to go. */
  void beforeTrim(long goneLsn);

  /** A tick ends. */
  void afterTick();
}
