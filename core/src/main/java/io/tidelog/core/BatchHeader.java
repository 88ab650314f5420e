package io.tidelog.core;

import java.nio.ByteBuffer;

/**
 * The fixed header of a Kafka record batch, magic 2 (KIP-98; {@code RecordBatch} of the Kafka
 * message format). Reading it looks at 61 bytes and at no record.
 *
 * @param sizeBytes size of the whole batch, header included
 * @param baseSequence first sequence number, −1 without a producer id
 */
public record BatchHeader(
    long baseOffset,
    int sizeBytes,
    int leaderEpoch,
    byte magic,
    int crc,
    short attributes,
    int lastOffsetDelta,
    long baseTimestampMs,
    long maxTimestampMs,
    long producerId,
    short producerEpoch,
    int baseSequence,
    int recordCount) {

  /** Bytes of the header of a batch without records. */
  public static final int SIZE_BYTES = 61;

  /** Bytes before the part that the batch length counts: base offset and the length itself. */
  public static final int LENGTH_OVERHEAD_BYTES = 12;

  public static final int BASE_OFFSET_POSITION = 0;
  public static final int LENGTH_POSITION = 8;
  public static final int LEADER_EPOCH_POSITION = 12;
  public static final int MAGIC_POSITION = 16;
  public static final int CRC_POSITION = 17;
  public static final int ATTRIBUTES_POSITION = 21;
  public static final int MAX_TIMESTAMP_POSITION = 35;
  public static final long NO_PRODUCER_ID = -1;

  private static final int COMPRESSION_MASK = 0x07;
  private static final int TIMESTAMP_TYPE_MASK = 0x08;
  private static final int TRANSACTIONAL_MASK = 0x10;
  private static final int CONTROL_MASK = 0x20;

  /**
   * Reads the header of the batch at {@code position}; borrows {@code batch} and moves nothing in
   * it. Checks no value: see {@link BatchCheck}.
   *
   * @throws IndexOutOfBoundsException when fewer than {@link #SIZE_BYTES} bytes follow
   */
  public static BatchHeader read(ByteBuffer batch, int position) {
    return new BatchHeader(
        batch.getLong(position),
        batch.getInt(position + LENGTH_POSITION) + LENGTH_OVERHEAD_BYTES,
        batch.getInt(position + LEADER_EPOCH_POSITION),
        batch.get(position + MAGIC_POSITION),
        batch.getInt(position + CRC_POSITION),
        batch.getShort(position + ATTRIBUTES_POSITION),
        batch.getInt(position + 23),
        batch.getLong(position + 27),
        batch.getLong(position + MAX_TIMESTAMP_POSITION),
        batch.getLong(position + 43),
        batch.getShort(position + 51),
        batch.getInt(position + 53),
        batch.getInt(position + 57));
  }

  /** Offset after the last one of this batch. */
  public long endOffset() {
    return baseOffset + lastOffsetDelta + 1;
  }

  /** Sequence of the last record; sequences wrap from {@code Integer.MAX_VALUE} to 0 (KIP-98). */
  public int lastSequence() {
    long last = (long) baseSequence + lastOffsetDelta;
    return (int) (last > Integer.MAX_VALUE ? last - Integer.MAX_VALUE - 1 : last);
  }

  public boolean hasProducerId() {
    return producerId != NO_PRODUCER_ID;
  }

  public boolean isTransactional() {
    return (attributes & TRANSACTIONAL_MASK) != 0;
  }

  public boolean isControl() {
    return (attributes & CONTROL_MASK) != 0;
  }

  public boolean isLogAppendTime() {
    return (attributes & TIMESTAMP_TYPE_MASK) != 0;
  }

  /** Kafka's compression id: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; 5 to 7 mean nothing. */
  public int compressionId() {
    return attributes & COMPRESSION_MASK;
  }
}
