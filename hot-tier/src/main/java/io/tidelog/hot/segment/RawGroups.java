package io.tidelog.hot.segment;

import java.nio.ByteBuffer;

/**
 * One or more whole write groups of one segment, byte for byte as the leader wrote them.
 *
 * @param lsn of the first byte
 * @param segmentBaseLsn of the segment that holds them, on every replica
 * @param bytes from position to limit; never empty
 */
public record RawGroups(long lsn, long segmentBaseLsn, ByteBuffer bytes) {

  public RawGroups {
    if (segmentBaseLsn < 0 || lsn < segmentBaseLsn || !bytes.hasRemaining()) {
      throw new IllegalArgumentException(
          bytes.remaining() + " bytes at " + lsn + " in segment " + segmentBaseLsn);
    }
  }

  public long endLsn() {
    return lsn + bytes.remaining();
  }
}
