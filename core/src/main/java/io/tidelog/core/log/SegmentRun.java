package io.tidelog.core.log;

import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import java.util.List;

/**
 * A partition's stretch of records in one segment.
 *
 * @param extents where its batches lie in the segment file, in offset order and without a gap in
 *     offsets
 */
public record SegmentRun(
    PartitionId partition, OffsetRange offsets, long maxTimestampMs, List<Extent> extents) {

  public long sizeBytes() {
    return extents.stream().mapToLong(Extent::sizeBytes).sum();
  }

  /**
   * The records of one frame.
   *
   * @param position of the first batch's first byte in the segment file
   * @param appendTimeMs when the leader appended them
   */
  public record Extent(
      OffsetRange offsets,
      long position,
      int sizeBytes,
      long maxTimestampMs,
      long appendTimeMs,
      int leaderEpoch) {}
}
