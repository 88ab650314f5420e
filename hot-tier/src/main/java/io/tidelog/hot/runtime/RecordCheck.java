package io.tidelog.hot.runtime;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.hot.format.BatchChecksum;
import io.tidelog.hot.view.EpochHistory;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Checks batches that were read from a file: a disk may give back other bytes than it was given,
 * and what Kafka's batch checksum leaves out, base offset and leader epoch, a client cannot check.
 * Used once, by one thread.
 */
final class RecordCheck {

  /** Wherever the first batch begins is right. */
  static final long ANY_OFFSET = -1;

  private final EpochHistory epochs;
  private long nextOffset;
  private boolean isFirst = true;

  private RecordCheck(long heldOffset, EpochHistory epochs) {
    this.nextOffset = heldOffset;
    this.epochs = epochs;
  }

  /**
   * What is wrong with the batches, which are borrowed, or null when nothing is.
   *
   * @param heldOffset an offset that the first batch holds, or {@link #ANY_OFFSET}
   * @param epochs who wrote what
   */
  static @Nullable String damageIn(RecordBytes bytes, long heldOffset, EpochHistory epochs) {
    var check = new RecordCheck(heldOffset, epochs);
    for (var part : bytes.parts()) {
      var damage = check.damageIn(part.bytes());
      if (damage != null) {
        return damage;
      }
    }
    return null;
  }

  private @Nullable String damageIn(ByteBuffer batches) {
    int at = batches.position();
    while (at < batches.limit()) {
      int remaining = batches.limit() - at;
      if (remaining < BatchHeader.SIZE_BYTES) {
        return "a batch of " + remaining + " bytes";
      }
      var batch = BatchHeader.read(batches, at);
      if (batch.magic() != 2
          || batch.sizeBytes() < BatchHeader.SIZE_BYTES
          || batch.sizeBytes() > remaining
          || batch.lastOffsetDelta() < 0) {
        return "no batch at all behind offset " + nextOffset;
      }
      if (!isExpected(batch)) {
        return "offset " + batch.baseOffset() + " where " + nextOffset + " was expected";
      }
      int epoch = epochs.epochOf(batch.baseOffset());
      if (epoch >= 0 && epoch != batch.leaderEpoch()) {
        return "leader epoch " + batch.leaderEpoch() + ", it was written in " + epoch;
      }
      if (BatchChecksum.of(batches, at, batch.sizeBytes()) != batch.crc()) {
        return "the batch at offset " + batch.baseOffset() + " does not match its checksum";
      }
      isFirst = false;
      nextOffset = batch.endOffset();
      at += batch.sizeBytes();
    }
    return null;
  }

  private boolean isExpected(BatchHeader batch) {
    if (!isFirst) {
      return batch.baseOffset() == nextOffset;
    }
    return nextOffset == ANY_OFFSET
        || (batch.baseOffset() <= nextOffset && nextOffset < batch.endOffset());
  }
}
