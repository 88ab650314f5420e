package io.tidelog.metadata.api;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;

/**
 * A partition is to move to another segment log. It stands in the metadata store from its begin
 * until the partition's home is swapped, in the same transaction, or until it is cancelled; it
 * never comes back.
 *
 * @param epoch the store's revision at its begin: later moves of a partition have higher ones
 */
public record PartitionMove(PartitionId partition, long epoch, LogId from, LogId to) {

  public PartitionMove {
    if (epoch <= 0 || from.equals(to)) {
      throw new IllegalArgumentException(
          "move " + epoch + " of " + partition + " from " + from + " to " + to);
    }
  }
}
