package io.tidelog.metadata;

import io.tidelog.core.Clock;

/** The machine's own time, for tests in which leases run out. */
public final class WallClock implements Clock {

  @Override
  public long wallMs() {
    return System.currentTimeMillis();
  }

  @Override
  public long monotonicNs() {
    return System.nanoTime();
  }
}
