package io.tidelog.hot.segment;

import io.tidelog.core.BatchHeader;
import io.tidelog.hot.format.FrameFormat;
import io.tidelog.hot.format.FrameType;
import java.nio.ByteBuffer;

/** Enters the frames of sound write groups into an active index. Pure but for the index. */
final class GroupIndexer {

  private GroupIndexer() {}

  /**
   * Enters one write group; borrows it from position to limit and moves nothing in it.
   *
   * @param position of the group in its segment file
   * @throws IndexOutOfBoundsException when it is not a sound write group
   */
  static void enter(ByteBuffer group, int position, ActiveIndex index) {
    int start = group.position();
    index.addStamp(
        position,
        group.getLong(start + FrameFormat.TERM_POSITION),
        group.getLong(start + FrameFormat.APPEND_TIME_POSITION));
    int at = start;
    while (at < group.limit()) {
      int size = group.getInt(at + FrameFormat.SIZE_POSITION);
      if (group.get(at + FrameFormat.TYPE_POSITION) == FrameType.RECORDS.id()) {
        index.add(entry(group, at, size, position + at - start));
      }
      at += FrameFormat.aligned(size);
    }
  }

  private static IndexEntry entry(ByteBuffer group, int at, int size, int position) {
    long baseOffset = group.getLong(at + FrameFormat.BASE_OFFSET_POSITION);
    int first = at + FrameFormat.HEADER_BYTES;
    return new IndexEntry(
        group.getInt(at + FrameFormat.PARTITION_POSITION),
        baseOffset,
        baseOffset + group.getInt(at + FrameFormat.RECORD_COUNT_POSITION),
        maxTimestampMs(group, first, at + size),
        position + FrameFormat.HEADER_BYTES,
        size - FrameFormat.HEADER_BYTES);
  }

  private static long maxTimestampMs(ByteBuffer group, int first, int end) {
    long max = Long.MIN_VALUE;
    int batch = first;
    while (batch < end) {
      max = Math.max(max, group.getLong(batch + BatchHeader.MAX_TIMESTAMP_POSITION));
      batch +=
          Math.max(0, group.getInt(batch + BatchHeader.LENGTH_POSITION))
              + BatchHeader.LENGTH_OVERHEAD_BYTES;
    }
    return max;
  }
}
