package io.tidelog.core.log;

import io.tidelog.core.PartitionId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads partitions without entering the log's lane. Safe to call from any thread. */
public interface LogReader {

  /** Where the partition stands now, or null when this process does not hold it. */
  @Nullable PartitionSnapshot snapshot(PartitionId partition);

  /** Never blocks; see {@link ReadCompletion} for where the answer arrives. */
  void read(ReadRequest request, ReadCompletion completion);

  /**
   * Finds the first batch below the visible end that ends behind the wanted offset and whose
   * greatest timestamp is the wanted one or later: {@link ReadResult.Records} that hold that one
   * batch, none when there is none, or {@link ReadResult.Cold} references to search in and, when
   * nothing is found in them, a request to repeat from the end of the last one. Such a batch need
   * not hold a record at or after both the timestamp and the log start.
   */
  void findByTime(TimeRequest request, ReadCompletion completion);

  /** As OffsetForLeaderEpoch; the end is the log end, not the visible end. */
  EpochEnd endOfEpoch(PartitionId partition, int leaderEpoch);

  /**
   * Registers who is told, on the log's lane, which partitions' visible end or high watermark
   * moved; once per commit, and once per wake-up of a delay gate.
   */
  void onAdvance(AdvanceListener listener);

  /** Only posts to its own lane. */
  @FunctionalInterface
  interface AdvanceListener {
    void onAdvanced(List<PartitionId> partitions);
  }
}
