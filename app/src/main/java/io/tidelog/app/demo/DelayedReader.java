package io.tidelog.app.demo;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the records of a delay topic as they arrive and how late each was, from its create time,
 * which lies before its append. Fed by one event loop; read by others only through counts.
 */
final class DelayedReader {

  private final long[] latenessMs;
  private final long delayMs;
  private final CountDownLatch finished = new CountDownLatch(1);
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicInteger early = new AtomicInteger();

  DelayedReader(int expected, long delayMs) {
    this.latenessMs = new long[expected];
    this.delayMs = delayMs;
  }

  void onRecord(long createdMs, long nowMs) {
    int at = count.get();
    if (at == latenessMs.length) {
      return;
    }
    latenessMs[at] = nowMs - createdMs - delayMs;
    if (latenessMs[at] < 0) {
      early.incrementAndGet();
    }
    count.set(at + 1);
    if (at + 1 == latenessMs.length) {
      finished.countDown();
    }
  }

  CountDownLatch finished() {
    return finished;
  }

  int count() {
    return count.get();
  }

  int early() {
    return early.get();
  }

  boolean complete() {
    return count.get() == latenessMs.length;
  }

  /** Percentiles of arrival after create time plus delay; linger and append are in it. */
  String lateness() {
    int seen = count.get();
    if (seen == 0) {
      return "unknown";
    }
    long[] sorted = Arrays.copyOf(latenessMs, seen);
    Arrays.sort(sorted);
    return "p50 "
        + sorted[seen / 2]
        + " ms, p99 "
        + sorted[(int) (seen * 0.99)]
        + " ms, max "
        + sorted[seen - 1]
        + " ms";
  }
}
