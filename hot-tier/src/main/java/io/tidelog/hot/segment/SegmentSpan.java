package io.tidelog.hot.segment;

/** LSNs from {@code baseLsn}, included, to {@code endLsn}, excluded. */
record SegmentSpan(long baseLsn, long endLsn) {

  SegmentSpan {
    if (baseLsn < 0 || endLsn < baseLsn) {
      throw new IllegalArgumentException("LSNs [" + baseLsn + ", " + endLsn + ") are no span");
    }
  }
}
