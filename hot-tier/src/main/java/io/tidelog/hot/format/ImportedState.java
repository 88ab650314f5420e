package io.tidelog.hot.format;

import io.tidelog.core.log.PartitionConfig;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What another log knew of a partition beside its records when it was closed for a move.
 *
 * @param lastDueMs due time of the newest record of a delayed partition
 * @param highestForgottenProducer −1 when none was forgotten
 * @param epochs that wrote something, oldest first
 * @param producers the one silent longest first
 * @param gate as {@code DelayGate.save}, null without one; read-only by agreement
 */
public record ImportedState(
    PartitionConfig config,
    long logStartOffset,
    long lastDueMs,
    long highestForgottenProducer,
    List<EpochStart> epochs,
    List<Producer> producers,
    @Nullable ByteBuffer gate) {

  /** The epoch wrote from the offset on. */
  public record EpochStart(int epoch, long startOffset) {}

  /**
   * What is remembered of one producer.
   *
   * @param batches its last ones, oldest first
   */
  public record Producer(
      long producerId,
      short epoch,
      long lastAppendTimeMs,
      long lastTimestampMs,
      List<Batch> batches) {

    public Producer {
      batches = List.copyOf(batches);
    }
  }

  /** A batch of a producer. */
  public record Batch(long lastOffset, int lastSequence, int lastOffsetDelta) {}

  public ImportedState {
    epochs = List.copyOf(epochs);
    producers = List.copyOf(producers);
    for (int i = 1; i < epochs.size(); i++) {
      if (epochs.get(i - 1).epoch() >= epochs.get(i).epoch()) {
        throw new IllegalArgumentException("epochs " + epochs + " do not ascend");
      }
    }
  }
}
