package io.tidelog.hot.view;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * The runs of one partition, one for each segment that holds records of it, in log order: 40 bytes
 * each. Belongs to its view; {@link #published} gives readers what never changes again.
 */
final class RunList {

  static final int SEGMENT = 0;
  static final int END_OFFSET = 1;
  static final int MAX_TIMESTAMP = 2;
  static final int SIZE = 3;
  static final int RETAIN_FROM = 4;
  static final int LONGS_PER_RUN = 5;

  private static final long[] NONE = new long[0];

  /** Readers hold this array: a run below the last one is never written again. */
  private long[] runs = NONE;

  /** Indices of runs, not of longs. */
  private int first;

  private int end;

  /** First offset of the first run. */
  private long startOffset;

  private long totalBytes;

  RunList(long startOffset) {
    this.startOffset = startOffset;
  }

  /**
   * Records up to {@code endOffset} were appended in the segment.
   *
   * @param retainFromMs retention counts from here
   * @return whether a run began
   */
  boolean onAppended(long segmentBaseLsn, AppendedRecords records, long retainFromMs) {
    boolean begins = first == end || at(end - 1, SEGMENT) != segmentBaseLsn;
    if (begins) {
      grow();
      int at = end * LONGS_PER_RUN;
      runs[at + SEGMENT] = segmentBaseLsn;
      runs[at + MAX_TIMESTAMP] = -1;
      runs[at + SIZE] = 0;
      runs[at + RETAIN_FROM] = -1;
      end++;
    }
    int size = records.sizeBytes();
    int at = (end - 1) * LONGS_PER_RUN;
    runs[at + END_OFFSET] = records.endOffset();
    runs[at + MAX_TIMESTAMP] = Math.max(runs[at + MAX_TIMESTAMP], records.maxTimestampMs());
    runs[at + SIZE] += size;
    runs[at + RETAIN_FROM] = Math.max(runs[at + RETAIN_FROM], retainFromMs);
    totalBytes += size;
    return begins;
  }

  private void grow() {
    if (end * LONGS_PER_RUN < runs.length) {
      return;
    }
    int count = end - first;
    int capacity = Math.max(1, count + (count >> 1) + (count > 1 ? 1 : 0));
    if (capacity == count) {
      capacity++;
    }
    var copy = new long[capacity * LONGS_PER_RUN];
    System.arraycopy(runs, first * LONGS_PER_RUN, copy, 0, count * LONGS_PER_RUN);
    runs = copy;
    first = 0;
    end = count;
  }

  /** Drops the runs wholly before {@code logStartOffset} and names their segments. */
  void dropBefore(long logStartOffset, LongConsumer segments) {
    while (first < end && at(first, END_OFFSET) <= logStartOffset) {
      segments.accept(at(first, SEGMENT));
      startOffset = at(first, END_OFFSET);
      totalBytes -= at(first, SIZE);
      first++;
    }
    if (first == end) {
      runs = NONE;
      first = 0;
      end = 0;
      startOffset = logStartOffset;
    }
  }

  void dropAll(LongConsumer segments) {
    for (int run = first; run < end; run++) {
      segments.accept(at(run, SEGMENT));
    }
    runs = NONE;
    first = 0;
    end = 0;
    totalBytes = 0;
  }

  /** First offset in or behind the segment; the end of the last run when there is none. */
  long startOffsetFrom(long segmentBaseLsn) {
    return startOffsetOf(firstIn(segmentBaseLsn));
  }

  /** Bytes in or behind the segment. */
  long bytesFrom(long segmentBaseLsn) {
    long bytes = 0;
    for (int run = end - 1; run >= first && at(run, SEGMENT) >= segmentBaseLsn; run--) {
      bytes += at(run, SIZE);
    }
    return bytes;
  }

  /** The first run in or behind the segment. */
  int firstIn(long segmentBaseLsn) {
    int low = first;
    int high = end;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (at(middle, SEGMENT) < segmentBaseLsn) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** First offset of a run. */
  long startOffsetOf(int run) {
    return run == first ? startOffset : at(run - 1, END_OFFSET);
  }

  int first() {
    return first;
  }

  int end() {
    return end;
  }

  long startOffset() {
    return startOffset;
  }

  long totalBytes() {
    return totalBytes;
  }

  long at(int run, int field) {
    return runs[run * LONGS_PER_RUN + field];
  }

  /** All runs as they are now, for another thread. */
  Frozen frozen() {
    long[] last =
        first == end
            ? NONE
            : Arrays.copyOfRange(runs, (end - 1) * LONGS_PER_RUN, end * LONGS_PER_RUN);
    return new Frozen(runs, first, end, startOffset, last);
  }

  /**
   * The runs at one moment. Shares the list's array, of which no run below the last one is written
   * again.
   *
   * @param last a copy of the last run, which may go on growing
   */
  record Frozen(long[] runs, int first, int end, long startOffset, long[] last) {

    int count() {
      return end - first;
    }

    long at(int index, int field) {
      int run = first + index;
      return run == end - 1 ? last[field] : runs[run * LONGS_PER_RUN + field];
    }
  }

  /** The runs before the segment, for readers. */
  PublishedRuns published(long segmentBaseLsn) {
    int to = firstIn(segmentBaseLsn);
    return to == first ? PublishedRuns.NONE : new PublishedRuns(runs, first, to, startOffset);
  }

  /**
   * Retention of the runs in segments of this log counts from this time, or later. Readers and
   * snapshots keep what they hold.
   */
  void raiseRetainFrom(long ms) {
    int from = firstIn(0);
    if (from == end) {
      return;
    }
    runs = Arrays.copyOf(runs, runs.length);
    for (int run = from; run < end; run++) {
      int at = run * LONGS_PER_RUN + RETAIN_FROM;
      runs[at] = Math.max(runs[at], ms);
    }
  }

  /** Takes one run of a checkpoint, or one that a partition brought along, in order. */
  void restore(long[] run) {
    if (end * LONGS_PER_RUN == runs.length) {
      runs = Arrays.copyOf(runs, runs.length == 0 ? LONGS_PER_RUN : runs.length * 2);
    }
    System.arraycopy(run, 0, runs, end * LONGS_PER_RUN, LONGS_PER_RUN);
    end++;
    totalBytes += run[SIZE];
  }
}
