package io.tidelog.hot.segment;

import io.tidelog.hot.format.FrameFormat;

/**
 * Limits of one segment log; all sizes in bytes.
 *
 * @param segmentBytes a segment is sealed before a write group would make it longer; at most {@link
 *     #MAX_SEGMENT_BYTES}
 * @param segmentMaxAgeMs a segment that holds something is sealed this long after its first append
 * @param ringBytes how much of the tail is kept in memory
 * @param ringChunkBytes memory is kept and given back in pieces of this size; a larger write group
 *     gets a piece of its own
 * @param ringPinnedBytes how much more memory slow readers may hold before new bytes are kept in
 *     the file only
 * @param spareSegments how many written-through files wait to become segments
 * @param spareSyncBytes such a file is written only while a sync covers no more than this on
 *     average
 * @param reserveBytes held back on the disk for control frames when it is full
 * @param resumeBytes a log whose disk was full takes records again when this much is free
 */
public record SegmentConfig(
    int segmentBytes,
    long segmentMaxAgeMs,
    int ringBytes,
    int ringChunkBytes,
    int ringPinnedBytes,
    int spareSegments,
    int spareSyncBytes,
    int reserveBytes,
    long resumeBytes) {

  /** Positions in a segment are kept in 32 bits. */
  public static final int MAX_SEGMENT_BYTES = 1 << 30;

  public static final SegmentConfig DEFAULT =
      new SegmentConfig(
          256 << 20, 3_600_000, 32 << 20, 4 << 20, 32 << 20, 1, 256 << 10, 16 << 20, 64L << 20);

  public SegmentConfig {
    require(segmentBytes >= 4096 && segmentBytes <= MAX_SEGMENT_BYTES, "segmentBytes");
    require(segmentMaxAgeMs > 0, "segmentMaxAgeMs");
    require(ringChunkBytes >= 4096 && ringChunkBytes <= ringBytes, "ringChunkBytes");
    require(ringPinnedBytes >= 0 && spareSegments >= 0, "ringPinnedBytes, spareSegments");
    require(spareSyncBytes >= 0, "spareSyncBytes");
    require(reserveBytes >= 0 && resumeBytes >= 0, "reserveBytes, resumeBytes");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException(what + " out of bounds");
    }
  }

  /** The largest write group: the largest frame and its group's start. */
  public static final int MAX_GROUP_BYTES =
      FrameFormat.MAX_FRAME_BYTES + FrameFormat.GROUP_START_BYTES;
}
