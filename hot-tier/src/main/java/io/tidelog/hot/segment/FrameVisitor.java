package io.tidelog.hot.segment;

import io.tidelog.hot.format.Frame;

/** Told each recovered frame in log order, whole write groups only, group starts included. */
@FunctionalInterface
public interface FrameVisitor {

  /**
   * @param frame borrows memory that is used again after this call
   * @param lsn where it begins
   * @param segmentBaseLsn of the segment that holds it
   */
  void onFrame(Frame frame, long lsn, long segmentBaseLsn);
}
