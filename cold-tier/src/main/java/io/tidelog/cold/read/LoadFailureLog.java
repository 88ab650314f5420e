package io.tidelog.cold.read;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator that reads from the store fail, which clients see as a retriable error and so
 * as silence: at once, then at most one line in each interval, however many ask again. Any thread.
 */
final class LoadFailureLog {

  private static final Logger LOG = LoggerFactory.getLogger(LoadFailureLog.class);
  static final long INTERVAL_MS = 10_000;

  private final Clock clock;
  private final AtomicLong nextLineNs;
  private final AtomicLong untold = new AtomicLong();

  LoadFailureLog(Clock clock) {
    this.clock = clock;
    this.nextLineNs = new AtomicLong(clock.monotonicNs());
  }

  void onFailed(String key, Fault failure) {
    untold.incrementAndGet();
    long now = clock.monotonicNs();
    long next = nextLineNs.get();
    if (now - next >= 0
        && nextLineNs.compareAndSet(next, now + TimeUnit.MILLISECONDS.toNanos(INTERVAL_MS))) {
      LOG.warn(
          "reading from the object store failed, key={} failures={} reason={}",
          key,
          untold.getAndSet(0),
          failure.toString());
    }
  }
}
