package io.tidelog.hot.view;

import io.tidelog.hot.format.FrameFormat;

/**
 * Where a frame lies.
 *
 * @param lsn of its first byte
 * @param endLsn behind its last byte, padding included
 * @param segmentBaseLsn of the segment that holds it
 */
public record FramePlace(long lsn, long endLsn, long segmentBaseLsn) {

  public FramePlace {
    if (segmentBaseLsn < 0 || lsn < segmentBaseLsn || endLsn <= lsn) {
      throw new IllegalArgumentException(
          "frame [" + lsn + ", " + endLsn + ") in segment " + segmentBaseLsn);
    }
  }

  /** Where the group begins whose first frame behind its start this is. */
  public long groupLsnOfFirst() {
    return Math.max(segmentBaseLsn, lsn - FrameFormat.GROUP_START_BYTES);
  }
}
