package io.tidelog.core;

/**
 * The two times of a process. Leases, time-outs and latencies use the monotonic one; only append
 * time, due times and retention use the wall clock.
 */
public interface Clock {

  /** Milliseconds since the Unix epoch; may step in either direction. */
  long wallMs();

  /** Nanoseconds since an arbitrary start; never goes back within a process. */
  long monotonicNs();
}
