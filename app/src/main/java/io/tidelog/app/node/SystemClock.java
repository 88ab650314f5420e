package io.tidelog.app.node;

import io.tidelog.core.Clock;

/** The machine's clocks. */
public enum SystemClock implements Clock {
  INSTANCE;

  @Override
  public long wallMs() {
    return System.currentTimeMillis();
  }

  @Override
  public long monotonicNs() {
    return System.nanoTime();
  }
}
