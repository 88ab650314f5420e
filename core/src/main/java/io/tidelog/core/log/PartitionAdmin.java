package io.tidelog.core.log;

import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * What clients may ask of partitions besides records. A change is durable when its stage completes;
 * a stage completes on a foreign thread and fails with a {@link io.tidelog.core.Fault}, {@code
 * NOT_LEADER_OR_FOLLOWER} when the partition is not open here.
 */
public interface PartitionAdmin {

  /**
   * Moves the log start up to {@code offset}, never past the visible end.
   *
   * @param offset first offset to keep, or −1 for the visible end
   * @return the log start that holds now; fails with {@code OFFSET_OUT_OF_RANGE}
   */
  CompletionStage<Long> deleteBefore(PartitionId partition, long offset);

  /** The producers a partition remembers, as DescribeProducers shows them. */
  CompletionStage<List<ProducerEntry>> producers(PartitionId partition);

  /**
   * @param sequences the last batch's sequences, end exclusive before wrapping
   */
  record ProducerEntry(
      long producerId,
      short producerEpoch,
      int lastSequence,
      long lastTimestampMs,
      OffsetRange lastBatch) {}
}
