package io.tidelog.simulation.cluster;

import io.tidelog.core.Clock;
import io.tidelog.simulation.log.VirtualTime;

/** The clocks of one machine: they drift, and somebody sets the wall clock. */
final class NodeClock implements Clock {

  private static final long NS_PER_MS = 1_000_000;
  private static final long MILLION = 1_000_000;

  private final VirtualTime time;
  private long driftPpm;
  private long originNs;
  private long monotonicOriginNs;
  private long wallStepNs;

  NodeClock(VirtualTime time, long driftPpm, long monotonicOriginNs) {
    this.time = time;
    this.driftPpm = driftPpm;
    this.monotonicOriginNs = monotonicOriginNs;
  }

  private long driftedNs() {
    long elapsedNs = time.monotonicNs() - originNs;
    return elapsedNs + elapsedNs / MILLION * driftPpm;
  }

  @Override
  public long monotonicNs() {
    return monotonicOriginNs + driftedNs();
  }

  @Override
  public long wallMs() {
    return VirtualTime.EPOCH_MS + (originNs + driftedNs() + wallStepNs) / NS_PER_MS;
  }

  void stepWall(long ms) {
    wallStepNs += ms * NS_PER_MS;
  }

  /** Shows the right wall time again, and keeps it. */
  void heal() {
    monotonicOriginNs = monotonicNs();
    originNs = time.monotonicNs();
    driftPpm = 0;
    wallStepNs = 0;
  }

  /** When in true time the monotonic clock shows this, or a little later. */
  long trueNs(long monotonicNs) {
    long leftNs = Math.max(0, monotonicNs - monotonicNs());
    return time.monotonicNs() + leftNs + leftNs / MILLION * Math.max(0, -driftPpm) + 1;
  }
}
