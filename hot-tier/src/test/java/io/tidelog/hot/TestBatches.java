package io.tidelog.hot;

import io.tidelog.core.BatchHeader;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;

/** Makes v2 batches whose headers are sound and whose records are noise. */
public final class TestBatches {

  private TestBatches() {}

  /** One batch from {@code baseOffset} on, from position to limit. */
  public static ByteBuffer batch(
      Random random, long baseOffset, int records, int bodyBytes, long maxTimestampMs) {
    var batch = ByteBuffer.allocate(BatchHeader.SIZE_BYTES + bodyBytes);
    batch.putLong(baseOffset);
    batch.putInt(batch.capacity() - BatchHeader.LENGTH_OVERHEAD_BYTES);
    batch.putInt(7).put((byte) 2).putInt(0).putShort((short) 0);
    batch.putInt(records - 1).putLong(maxTimestampMs).putLong(maxTimestampMs);
    batch.putLong(-1).putShort((short) -1).putInt(-1).putInt(records);
    byte[] body = new byte[bodyBytes];
    random.nextBytes(body);
    batch.put(body);
    var crc = new CRC32C();
    crc.update(batch.duplicate().flip().position(BatchHeader.ATTRIBUTES_POSITION));
    batch.putInt(BatchHeader.CRC_POSITION, (int) crc.getValue());
    return batch.flip();
  }
}
