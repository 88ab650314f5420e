package io.tidelog.testkit;

import io.tidelog.core.Clock;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that moves only when told to. Safe to call from any thread. */
public final class ManualClock implements Clock {

  private final AtomicLong wallMs;
  private final AtomicLong monotonicNs = new AtomicLong();

  public ManualClock(long wallMs) {
    this.wallMs = new AtomicLong(wallMs);
  }

  @Override
  public long wallMs() {
    return wallMs.get();
  }

  @Override
  public long monotonicNs() {
    return monotonicNs.get();
  }

  /** Moves both times on. */
  public void advanceMs(long ms) {
    if (ms < 0) {
      throw new IllegalArgumentException("time does not go back by " + ms + " ms; step the wall");
    }
    wallMs.addAndGet(ms);
    monotonicNs.addAndGet(ms * 1_000_000);
  }

  /** Moves the wall clock alone, in either direction. */
  public void stepWallMs(long ms) {
    wallMs.addAndGet(ms);
  }
}
