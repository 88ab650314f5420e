package io.tidelog.core;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Checks record batches as they come from a client, by their headers and checksums, without
 * decompressing. What it accepts can be stored byte for byte; everything it refuses is refused
 * before an offset is given out.
 */
public final class BatchCheck {

  private static final int MAX_COMPRESSION_ID = 4;
  private static final byte MAGIC = 2;

  /** Of a record of magic 0 behind its offset and length. */
  private static final int MIN_LEGACY_LENGTH = 14;

  private BatchCheck() {}

  /**
   * Checks that {@code records} holds whole, sound v2 batches and nothing else; borrows it and
   * moves nothing in it.
   *
   * @param maxBatchBytes the topic's {@code max.message.bytes}
   * @return how many batches there are, at least one
   * @throws Fault.Refused {@code CORRUPT_MESSAGE}, {@code INVALID_RECORD}, {@code
   *     MESSAGE_TOO_LARGE}
   */
  public static int checkProduced(ByteBuffer records, int maxBatchBytes) {
    int position = records.position();
    int batches = 0;
    while (position < records.limit()) {
      position += checkBatch(records, position, maxBatchBytes);
      batches++;
    }
    if (batches == 0) {
      throw new Fault.Refused(Refusal.INVALID_RECORD, "no record batch");
    }
    return batches;
  }

  private static int checkBatch(ByteBuffer records, int position, int maxBatchBytes) {
    int remaining = records.limit() - position;
    requireWhole(records, position, remaining);
    var batch = BatchHeader.read(records, position);
    if (batch.sizeBytes() > maxBatchBytes) {
      throw new Fault.Refused(
          Refusal.MESSAGE_TOO_LARGE,
          "a batch of " + batch.sizeBytes() + " bytes, max.message.bytes=" + maxBatchBytes);
    }
    checkCrc(records, position, batch);
    checkCounts(batch);
    checkAttributes(batch);
    if (batch.compressionId() == 0) {
      checkUncompressedRecords(records, position, batch);
    }
    return batch.sizeBytes();
  }

  /**
   * A client is told to try again after {@code CORRUPT_MESSAGE}, so what it would send no better
   * the next time is an {@code INVALID_RECORD}, as with Kafka.
   */
  private static void requireWhole(ByteBuffer records, int position, int remaining) {
    if (remaining <= BatchHeader.MAGIC_POSITION) {
      throw invalid("an incomplete batch of " + remaining + " bytes");
    }
    int length = records.getInt(position + BatchHeader.LENGTH_POSITION);
    byte magic = records.get(position + BatchHeader.MAGIC_POSITION);
    if (length < MIN_LEGACY_LENGTH || magic < 0 || magic > MAGIC) {
      throw corrupt("a batch of length " + length + " and magic " + magic);
    }
    if (length > remaining - BatchHeader.LENGTH_OVERHEAD_BYTES) {
      throw invalid("an incomplete batch of " + remaining + " bytes, its length is " + length);
    }
    if (magic != MAGIC) {
      throw invalid("batch magic " + magic + ", only " + MAGIC + " is taken");
    }
    if (length < BatchHeader.SIZE_BYTES - BatchHeader.LENGTH_OVERHEAD_BYTES) {
      throw corrupt("a batch of length " + length + " is shorter than its header");
    }
  }

  private static void checkCrc(ByteBuffer records, int position, BatchHeader batch) {
    var crc = new CRC32C();
    crc.update(
        records
            .duplicate()
            .limit(position + batch.sizeBytes())
            .position(position + BatchHeader.ATTRIBUTES_POSITION));
    if ((int) crc.getValue() != batch.crc()) {
      throw corrupt("the checksum of a batch does not match its bytes");
    }
  }

  private static void checkCounts(BatchHeader batch) {
    if (batch.recordCount() <= 0) {
      throw invalid("a batch of " + batch.recordCount() + " records");
    }
    if (batch.lastOffsetDelta() != batch.recordCount() - 1) {
      throw invalid(
          "a batch of "
              + batch.recordCount()
              + " records has last offset delta "
              + batch.lastOffsetDelta());
    }
    if (batch.hasProducerId() && (batch.producerEpoch() < 0 || batch.baseSequence() < 0)) {
      throw invalid("a batch has a producer id and no epoch or sequence");
    }
  }

  private static void checkAttributes(BatchHeader batch) {
    if (batch.compressionId() > MAX_COMPRESSION_ID) {
      throw corrupt("compression id " + batch.compressionId() + " means nothing");
    }
    if (batch.isControl()) {
      throw invalid("a client may not write control records");
    }
  }

  /** Walks the record lengths: as many records as the header says, and not a byte more. */
  private static void checkUncompressedRecords(
      ByteBuffer records, int position, BatchHeader batch) {
    int end = position + batch.sizeBytes();
    int at = position + BatchHeader.SIZE_BYTES;
    for (int i = 0; i < batch.recordCount(); i++) {
      int length = 0;
      int shift = 0;
      byte next;
      do {
        if (at >= end || shift > 28) {
          throw invalid("record " + i + " of a batch has no sound length");
        }
        next = records.get(at++);
        length |= (next & 0x7f) << shift;
        shift += 7;
      } while (next < 0);
      length = (length >>> 1) ^ -(length & 1);
      if (length < 0 || length > end - at) {
        throw invalid("record " + i + " of a batch says it has " + length + " bytes");
      }
      at += length;
    }
    if (at != end) {
      throw invalid((end - at) + " bytes follow the last record of a batch");
    }
  }

  private static Fault.Refused corrupt(String message) {
    return new Fault.Refused(Refusal.CORRUPT_MESSAGE, message);
  }

  private static Fault.Refused invalid(String message) {
    return new Fault.Refused(Refusal.INVALID_RECORD, message);
  }
}
