package io.tidelog.metadata;

import io.tidelog.core.Clock;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that a test moves. */
public final class HandClock implements Clock {

  private final AtomicLong nowNs = new AtomicLong(1);

  public void passMs(long ms) {
    nowNs.addAndGet(ms * 1_000_000);
  }

  @Override
  public long wallMs() {
    return nowNs.get() / 1_000_000;
  }

  @Override
  public long monotonicNs() {
    return nowNs.get();
  }
}
