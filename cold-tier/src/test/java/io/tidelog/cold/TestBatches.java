package io.tidelog.cold;

import io.tidelog.core.BatchHeader;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** Record batches with sound headers and checksums around bytes that mean nothing. */
public final class TestBatches {

  private TestBatches() {}

  public static byte[] batch(
      long baseOffset,
      int records,
      long maxTimestampMs,
      int leaderEpoch,
      int payloadBytes,
      SplittableRandom random) {
    var bytes = new byte[BatchHeader.SIZE_BYTES + payloadBytes];
    random.nextBytes(bytes);
    var batch = ByteBuffer.wrap(bytes);
    batch.putLong(0, baseOffset);
    batch.putInt(8, bytes.length - BatchHeader.LENGTH_OVERHEAD_BYTES);
    batch.putInt(12, leaderEpoch);
    batch.put(16, (byte) 2);
    batch.putShort(21, (short) 0);
    batch.putInt(23, records - 1);
    batch.putLong(27, maxTimestampMs);
    batch.putLong(35, maxTimestampMs);
    batch.putLong(43, -1);
    batch.putShort(51, (short) -1);
    batch.putInt(53, -1);
    batch.putInt(57, records);
    var crc = new CRC32C();
    crc.update(bytes, 21, bytes.length - 21);
    batch.putInt(17, (int) crc.getValue());
    return bytes;
  }
}
