package io.tidelog.gateway.net;

import io.tidelog.core.Clock;

/** The machine's clocks: sockets do not wait for a fake one. */
final class RealClock implements Clock {

  @Override
  public long wallMs() {
    return System.currentTimeMillis();
  }

  @Override
  public long monotonicNs() {
    return System.nanoTime();
  }
}
