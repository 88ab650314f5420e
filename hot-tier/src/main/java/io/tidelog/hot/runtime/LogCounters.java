package io.tidelog.hot.runtime;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counters of a log: the lane counts, any thread reads. */
final class LogCounters {

  private static final int BUCKETS = 26;

  final AtomicLong appendedBytes = new AtomicLong();
  final AtomicLong appendedRecords = new AtomicLong();
  final AtomicLong groups = new AtomicLong();
  final AtomicLong duplicates = new AtomicLong();

  /** Also counted at the door, by any thread. */
  final AtomicLong refused = new AtomicLong();

  final AtomicLong uncertain = new AtomicLong();
  final AtomicLong damagedReads = new AtomicLong();
  final AtomicLong syncs = new AtomicLong();
  final AtomicLong syncMicros = new AtomicLong();
  final AtomicLong trimmedBytes = new AtomicLong();

  final AtomicLong moves = new AtomicLong();
  final AtomicLong movedBytes = new AtomicLong();
  final AtomicLong moveClosedMs = new AtomicLong();

  /** Where the log stands, as the lane last said. */
  final AtomicLong commitLsn = new AtomicLong();

  final AtomicBoolean isFull = new AtomicBoolean();
  private final AtomicLongArray syncBuckets = new AtomicLongArray(BUCKETS);

  static void add(AtomicLong counter, long count) {
    counter.setRelease(counter.getPlain() + count);
  }

  void onSynced(long nanos) {
    long micros = nanos / 1_000;
    add(syncs, 1);
    add(syncMicros, micros);
    int bucket = Math.min(BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(micros));
    syncBuckets.setRelease(bucket, syncBuckets.getPlain(bucket) + 1);
  }

  long[] syncBuckets() {
    var copy = new long[BUCKETS];
    for (int i = 0; i < BUCKETS; i++) {
      copy[i] = syncBuckets.getAcquire(i);
    }
    return copy;
  }
}
