package io.tidelog.gateway.net;

import io.tidelog.core.Clock;
import java.util.concurrent.atomic.AtomicLong;

/** The machine's clocks: sockets do not wait for a fake one. */
final class RealClock implements Clock {

  private final AtomicLong aheadNs = new AtomicLong();

  /** As if the process had stood still for so long. */
  void jumpMs(long ms) {
    aheadNs.addAndGet(ms * 1_000_000);
  }

  @Override
  public long wallMs() {
    return System.currentTimeMillis();
  }

  @Override
  public long monotonicNs() {
    return System.nanoTime() + aheadNs.get();
  }
}
