package io.tidelog.hot.runtime;

import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.hot.view.EpochHistory;
import io.tidelog.hot.view.PublishedRuns;

/** Where readers find what is published of one partition. The lane writes, any thread reads. */
final class PartitionSlot {

  private final int partitionRef;
  private volatile Published published;

  /**
   * What one commit leaves of a partition. Immutable.
   *
   * @param trimmedRuns the runs that are no longer in the hot tier
   * @param localStartLsn base LSN of the oldest segment here
   */
  record Published(
      PartitionSnapshot at, EpochHistory epochs, PublishedRuns trimmedRuns, long localStartLsn) {}

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
