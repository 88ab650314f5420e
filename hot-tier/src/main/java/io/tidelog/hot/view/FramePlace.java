package io.tidelog.hot.view;

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
}
