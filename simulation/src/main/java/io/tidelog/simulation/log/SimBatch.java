package io.tidelog.simulation.log;

import io.tidelog.core.BatchHeader;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A batch of one record whose body is its value, so that what is read tells what was written.
 *
 * @param value unique in a run
 */
public record SimBatch(
    long producerId, int sequence, long value, long timestampMs, int paddingBytes) {

  private static final int VALUE_POSITION = BatchHeader.SIZE_BYTES;

  /** A fresh copy of its bytes, as a client sends them again. */
  public ByteBuffer bytes() {
    var batch = ByteBuffer.allocate(BatchHeader.SIZE_BYTES + Long.BYTES + paddingBytes);
    batch.putLong(0).putInt(batch.capacity() - BatchHeader.LENGTH_OVERHEAD_BYTES);
    batch.putInt(-1).put((byte) 2).putInt(0).putShort((short) 0);
    batch.putInt(0).putLong(timestampMs).putLong(timestampMs);
    batch.putLong(producerId).putShort((short) 0).putInt(sequence).putInt(1);
    batch.putLong(value);
    for (int i = 0; i < paddingBytes; i++) {
      batch.put((byte) (value * 31 + i));
    }
    var crc = new CRC32C();
    crc.update(batch.duplicate().flip().position(BatchHeader.ATTRIBUTES_POSITION));
    return batch.putInt(BatchHeader.CRC_POSITION, (int) crc.getValue()).flip();
  }

  /** The value of the batch at {@code position}, or a violation when its bytes are not whole. */
  public static long valueOf(ByteBuffer records, int position, BatchHeader header) {
    var crc = new CRC32C();
    crc.update(
        records
            .duplicate()
            .limit(position + header.sizeBytes())
            .position(position + BatchHeader.ATTRIBUTES_POSITION));
    if ((int) crc.getValue() != header.crc()) {
      throw new Violation("bytes of offset " + header.baseOffset() + " are damaged");
    }
    return records.getLong(position + VALUE_POSITION);
  }
}
