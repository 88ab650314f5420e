package io.tidelog.core.log;

/**
 * What of a delayed partition is in the log and not due yet: the records from {@code
 * at.visibleEndOffset()} to {@code at.logEndOffset()}, at least one.
 *
 * @param at where the partition stood
 * @param sizeBytes of what is pending and committed
 * @param nextDueMs wall time from which the first of them is due
 * @param lastDueMs wall time from which all of them are due
 */
public record PendingRecords(PartitionSnapshot at, long sizeBytes, long nextDueMs, long lastDueMs) {

  public long count() {
    return at.logEndOffset() - at.visibleEndOffset();
  }
}
