package io.tidelog.gateway.fetch;

import io.tidelog.core.Refusal;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.RecordBytes;
import org.jspecify.annotations.Nullable;

/**
 * What one partition answers to a fetch. Whoever holds it owns {@code bytes} and closes them.
 *
 * @param error why there is nothing to read, or null
 * @param at where the partition stood, null when it refused
 * @param bytes perhaps empty
 * @param diverging where the client's log leaves this one (KIP-595), or {@link EpochEnd#NONE}
 */
public record PartitionAnswer(
    FetchKey key,
    @Nullable Refusal error,
    @Nullable PartitionSnapshot at,
    RecordBytes bytes,
    EpochEnd diverging) {

  private static final long UNKNOWN_OFFSET = -1;

  static PartitionAnswer refused(FetchKey key, Refusal error) {
    return new PartitionAnswer(key, error, null, RecordBytes.EMPTY, EpochEnd.NONE);
  }

  static PartitionAnswer empty(FetchKey key, PartitionSnapshot at) {
    return new PartitionAnswer(key, null, at, RecordBytes.EMPTY, EpochEnd.NONE);
  }

  static PartitionAnswer records(FetchKey key, PartitionSnapshot at, RecordBytes bytes) {
    return new PartitionAnswer(key, null, at, bytes, EpochEnd.NONE);
  }

  static PartitionAnswer diverging(FetchKey key, PartitionSnapshot at, EpochEnd where) {
    return new PartitionAnswer(key, null, at, RecordBytes.EMPTY, where);
  }

  /** The high watermark as consumers see it: nothing that is not due lies below it. */
  public long highWatermark() {
    return at == null ? UNKNOWN_OFFSET : at.visibleEndOffset();
  }

  public long lastStableOffset() {
    return at == null ? UNKNOWN_OFFSET : Math.min(at.lastStableOffset(), at.visibleEndOffset());
  }

  public long logStartOffset() {
    return at == null ? UNKNOWN_OFFSET : at.logStartOffset();
  }

  public boolean isDiverging() {
    return diverging.endOffset() >= 0;
  }

  /** Whether it tells something that a client is to be told even if it was told the like before. */
  boolean isNews() {
    return error != null || isDiverging() || bytes.sizeBytes() > 0;
  }

  /**
   * Whether waiting longer would not make a client wiser: it refused, or the logs diverge. What
   * cannot be read now may be readable soon, and waiting keeps the client from asking in a circle.
   */
  boolean isUrgent() {
    return isDiverging() || (error != null && error != Refusal.KAFKA_STORAGE_ERROR);
  }
}
