package io.tidelog.gateway.fake;

import io.tidelog.core.Clock;

/** A clock that stands still until it is moved. */
public final class SteppedClock implements Clock {

  private long wallMs = 1_800_000_000_000L;
  private long monotonicNs = 5_000_000_000L;

  public void advanceMs(long ms) {
    wallMs += ms;
    monotonicNs += ms * 1_000_000;
  }

  @Override
  public long wallMs() {
    return wallMs;
  }

  @Override
  public long monotonicNs() {
    return monotonicNs;
  }
}
