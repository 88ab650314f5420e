package io.tidelog.hot.view;

import io.tidelog.core.OffsetRange;

/**
 * Runs of a partition in segments that never change again. Immutable, though it shares an array
 * with the {@link RunList} it comes from: what it shows of the array is never written again.
 */
public final class PublishedRuns {

  static final PublishedRuns NONE = new PublishedRuns(new long[0], 0, 0, 0);

  private final long[] runs;
  private final int first;
  private final int end;
  private final long startOffset;

  PublishedRuns(long[] runs, int first, int end, long startOffset) {
    this.runs = runs;
    this.first = first;
    this.end = end;
    this.startOffset = startOffset;
  }

  public int count() {
    return end - first;
  }

  /** Index of the run that contains the offset, or of the first one behind it. */
  public int indexOf(long offset) {
    int low = 0;
    int high = count();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (at(middle, RunList.END_OFFSET) <= offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  public OffsetRange offsets(int index) {
    long start = index == 0 ? startOffset : at(index - 1, RunList.END_OFFSET);
    return new OffsetRange(start, at(index, RunList.END_OFFSET));
  }

  public long segmentBaseLsn(int index) {
    return at(index, RunList.SEGMENT);
  }

  /** The largest time stamp of a record in the run, −1 when no record has one. */
  public long maxTimestampMs(int index) {
    return at(index, RunList.MAX_TIMESTAMP);
  }

  public long sizeBytes(int index) {
    return at(index, RunList.SIZE);
  }

  private long at(int index, int field) {
    return runs[(first + index) * RunList.LONGS_PER_RUN + field];
  }
}
