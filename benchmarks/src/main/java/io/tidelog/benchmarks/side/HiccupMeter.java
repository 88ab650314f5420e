package io.tidelog.benchmarks.side;

import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * How long the machine keeps a thread waiting that wants to run every millisecond: the part of a
 * latency that no server is to blame for.
 */
final class HiccupMeter implements AutoCloseable {

  private static final long INTERVAL_NS = 1_000_000;

  private final Histogram delays = new Histogram(3);
  private final Thread thread = Thread.ofPlatform().daemon(true).unstarted(this::measure);
  private volatile boolean stopped;

  HiccupMeter() {
    thread.start();
  }

  private void measure() {
    while (!stopped) {
      long wanted = System.nanoTime() + INTERVAL_NS;
      LockSupport.parkNanos(INTERVAL_NS);
      delays.recordValue(Math.max(0, System.nanoTime() - wanted));
    }
  }

  /** What was measured; ends the measuring. */
  Histogram stop() throws InterruptedException {
    close();
    thread.join();
    return delays;
  }

  @Override
  public void close() {
    stopped = true;
  }
}
