package io.tidelog.hot.format;

import io.tidelog.core.LogId;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Checksum of a frame at its place: it covers the log's id and the frame's LSN, so that bytes left
 * over in a recycled or copied file never validate. Belongs to one thread.
 */
final class FrameChecksum {

  private final ByteBuffer place = ByteBuffer.allocate(24);
  private final CRC32C crc = new CRC32C();

  FrameChecksum(LogId log) {
    place.putLong(0, log.uuid().getMostSignificantBits());
    place.putLong(8, log.uuid().getLeastSignificantBits());
  }

  /** Of the frame whose first byte is at {@code start} and whose aligned end is {@code end}. */
  int of(ByteBuffer buffer, int start, int end, long lsn) {
    crc.reset();
    place.putLong(16, lsn);
    crc.update(place.array());
    crc.update(buffer.duplicate().limit(end).position(start + FrameFormat.TYPE_POSITION));
    return (int) crc.getValue();
  }
}
