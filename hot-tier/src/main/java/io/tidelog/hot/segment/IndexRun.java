package io.tidelog.hot.segment;

/**
 * The frames of one partition in one segment, in offset order; at least one. Entries are numbered
 * from 0; what is added later is not seen.
 */
public interface IndexRun {

  int partitionRef();

  int count();

  long baseOffset(int entry);

  /** Offset after the last one of this frame. */
  long endOffset(int entry);

  /** Highest timestamp of the frame's batches. */
  long maxTimestampMs(int entry);

  /** Position in the segment file of the frame's first batch. */
  int position(int entry);

  /** Size of the frame's batches. */
  int sizeBytes(int entry);

  /** Highest timestamp of all. */
  long maxTimestampMs();

  default long startOffset() {
    return baseOffset(0);
  }

  default long endOffset() {
    return endOffset(count() - 1);
  }

  /** The first entry that ends behind {@code offset}, or {@link #count} when none does. */
  default int firstEndingAfter(long offset) {
    int low = 0;
    int high = count();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (endOffset(middle) > offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** The first entry not before {@code from} with a record at or after the time, or count. */
  default int firstAtOrAfter(long timestampMs, int from) {
    int entry = from;
    while (entry < count() && maxTimestampMs(entry) < timestampMs) {
      entry++;
    }
    return entry;
  }
}
