package io.tidelog.hot.view;

import io.tidelog.core.BatchHeader;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Makes sound record batches without a codec: records are a length and that many zeros. */
public final class TestBatch {

  private int records = 1;
  private int recordBytes = 10;
  private long timestampMs = 1_000;
  private long producerId = -1;
  private short producerEpoch = -1;
  private int baseSequence = -1;
  private short attributes;

  private TestBatch() {}

  public static TestBatch of(int records) {
    var batch = new TestBatch();
    batch.records = records;
    return batch;
  }

  public TestBatch recordBytes(int bytes) {
    recordBytes = bytes;
    return this;
  }

  public TestBatch at(long timestampMs) {
    this.timestampMs = timestampMs;
    return this;
  }

  public TestBatch from(long id, int epoch, int sequence) {
    producerId = id;
    producerEpoch = (short) epoch;
    baseSequence = sequence;
    return this;
  }

  public TestBatch transactional() {
    attributes |= 0x10;
    return this;
  }

  /** Gives a buffer from position to limit. */
  public ByteBuffer bytes() {
    int size = BatchHeader.SIZE_BYTES;
    for (int i = 0; i < records; i++) {
      size += varintBytes(recordBytes) + recordBytes;
    }
    var out = ByteBuffer.allocate(size);
    out.putLong(0).putInt(size - BatchHeader.LENGTH_OVERHEAD_BYTES).putInt(-1).put((byte) 2);
    out.putInt(0).putShort(attributes).putInt(records - 1);
    out.putLong(timestampMs).putLong(timestampMs).putLong(producerId);
    out.putShort(producerEpoch).putInt(baseSequence).putInt(records);
    for (int i = 0; i < records; i++) {
      putVarint(out, recordBytes);
      out.position(out.position() + recordBytes);
    }
    var crc = new CRC32C();
    crc.update(
        out.array(), BatchHeader.ATTRIBUTES_POSITION, size - BatchHeader.ATTRIBUTES_POSITION);
    out.putInt(BatchHeader.CRC_POSITION, (int) crc.getValue());
    return out.flip();
  }

  /** As {@link #bytes}, with the offset the log gave it. */
  public ByteBuffer bytesAt(long baseOffset) {
    var bytes = bytes();
    bytes.putLong(0, baseOffset);
    return bytes;
  }

  private static int varintBytes(int value) {
    int zigzag = value << 1;
    int bytes = 1;
    while ((zigzag >>>= 7) != 0) {
      bytes++;
    }
    return bytes;
  }

  private static void putVarint(ByteBuffer out, int value) {
    int zigzag = value << 1;
    while (zigzag > 0x7f) {
      out.put((byte) (zigzag | 0x80));
      zigzag >>>= 7;
    }
    out.put((byte) zigzag);
  }
}
