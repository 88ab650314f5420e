package io.tidelog.hot.segment;

import org.jspecify.annotations.Nullable;

/**
 * Where the records of each partition lie in one segment. Read by any thread, while the lane adds
 * to the active one.
 */
public sealed interface SegmentIndex permits ActiveIndex, SealedIndex {

  /** What the segment holds of a partition now, or null when nothing. */
  @Nullable IndexRun run(int partitionRef);

  /**
   * Every partition with records in the segment, ascending. Of an active index, for its lane only.
   */
  int[] partitionRefs();

  /**
   * Under which term and when the frame at this position was appended. Of an active index, for its
   * lane only.
   */
  AppendStamp stampAt(int position);

  /** Term and append time of a write group. */
  record AppendStamp(long term, long appendTimeMs) {}
}
