package io.tidelog.gateway.fetch;

import io.tidelog.core.Refusal;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.RecordBytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one partition answers to a fetch. Whoever holds it owns {@code bytes} and closes them.
 *
 * @param error why there is nothing to read, or null
 * @param at where the partition stood, null when it refused
 * @param bytes perhaps empty
 * @param diverging where the client's log leaves this one (KIP-595), or {@link EpochEnd#NONE}
 * @param cold where whoever asked finds the records, when they are only in the cold tier and are
 *     not read here; else empty
 */
public record PartitionAnswer(
    FetchKey key,
    @Nullable Refusal error,
    @Nullable PartitionSnapshot at,
    RecordBytes bytes,
    EpochEnd diverging,
    List<ColdReference> cold) {

  private static final long UNKNOWN_OFFSET = -1;

  public static PartitionAnswer refused(FetchKey key, Refusal error) {
    return new PartitionAnswer(key, error, null, RecordBytes.EMPTY, EpochEnd.NONE, List.of());
  }

  public static PartitionAnswer empty(FetchKey key, PartitionSnapshot at) {
    return new PartitionAnswer(key, null, at, RecordBytes.EMPTY, EpochEnd.NONE, List.of());
  }

  public static PartitionAnswer records(FetchKey key, PartitionSnapshot at, RecordBytes bytes) {
    return new PartitionAnswer(key, null, at, bytes, EpochEnd.NONE, List.of());
  }

  public static PartitionAnswer diverging(FetchKey key, PartitionSnapshot at, EpochEnd where) {
    return new PartitionAnswer(key, null, at, RecordBytes.EMPTY, where, List.of());
  }

  /** The records are at {@code references}. */
  public static PartitionAnswer cold(
      FetchKey key, PartitionSnapshot at, List<ColdReference> references) {
    return new PartitionAnswer(key, null, at, RecordBytes.EMPTY, EpochEnd.NONE, references);
  }

  /** Nobody has told anything of the partition yet. */
  static PartitionAnswer unknown(FetchKey key) {
    return new PartitionAnswer(key, null, null, RecordBytes.EMPTY, EpochEnd.NONE, List.of());
  }

  /** The same, told to somebody who names the partition otherwise. */
  PartitionAnswer named(FetchKey otherKey) {
    return new PartitionAnswer(otherKey, error, at, bytes, diverging, cold);
  }

  /** The same, with its bytes counted until they are closed. */
  PartitionAnswer counted(AnswerMemory memory) {
    return new PartitionAnswer(key, error, at, memory.counted(bytes), diverging, cold);
  }

  /** Whether the leader has said something. */
  boolean isKnown() {
    return error != null || at != null;
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
    return error != null || isDiverging() || bytes.sizeBytes() > 0 || !cold.isEmpty();
  }

  /**
   * Whether waiting longer would not make a client wiser: it refused, or the logs diverge. What
   * cannot be read now may be readable soon, and waiting keeps the client from asking in a circle.
   */
  boolean isUrgent() {
    return isDiverging()
        || !cold.isEmpty()
        || (error != null && error != Refusal.KAFKA_STORAGE_ERROR);
  }
}
