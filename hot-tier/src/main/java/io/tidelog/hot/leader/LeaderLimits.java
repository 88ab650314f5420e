package io.tidelog.hot.leader;

import io.tidelog.hot.format.FrameFormat;

/**
 * How much goes into one frame and one write.
 *
 * @param frameBytes batches of one frame; a larger batch is refused
 * @param groupBytes frames of one write group; a single larger frame is a group of its own
 */
public record LeaderLimits(int frameBytes, int groupBytes) {

  /** A huge batch delays others by no more than this takes to write. */
  public static final int GROUP_BYTES = 4 << 20;

  public LeaderLimits {
    if (frameBytes <= 0 || groupBytes <= 0) {
      throw new IllegalArgumentException("frames of " + frameBytes + ", groups of " + groupBytes);
    }
  }

  /** A frame is at most a quarter of a segment. */
  public static LeaderLimits of(int segmentBytes) {
    int quarter = Math.min(segmentBytes / 4, FrameFormat.MAX_FRAME_BYTES);
    return new LeaderLimits(quarter - FrameFormat.HEADER_BYTES, Math.min(GROUP_BYTES, quarter));
  }
}
