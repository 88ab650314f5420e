package io.tidelog.hot.runtime;

import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.PendingRecords;
import io.tidelog.hot.view.EpochHistory;
import io.tidelog.hot.view.PublishedRuns;
import org.jspecify.annotations.Nullable;

/** Where readers find what is published of one partition. The lane writes, any thread reads. */
final class PartitionSlot {

  private final int partitionRef;
  private volatile Published published;

  /**
   * What one commit leaves of a partition. Immutable.
   *
   * @param trimmedRuns the runs that are no longer in the hot tier
   * @param tieredRuns the runs that are in the cold tier, here as well or not
   * @param localStartLsn base LSN of the oldest segment here
   * @param pending what is not due yet, null when all is
   */
  record Published(
      PartitionSnapshot at,
      EpochHistory epochs,
      PublishedRuns trimmedRuns,
      PublishedRuns tieredRuns,
      long localStartLsn,
      @Nullable PendingRecords pending) {}

  PartitionSlot(int partitionRef, Published first) {
    this.partitionRef = partitionRef;
    this.published = first;
  }

  int partitionRef() {
    return partitionRef;
  }

  Published get() {
    return published;
  }

  void set(Published next) {
    published = next;
  }
}
