package io.tidelog.core.log;

import io.tidelog.core.PartitionId;

/**
 * Where a partition stands, published by its log's lane after each commit; all ends are exclusive.
 * Always {@code logStartOffset <= localLogStartOffset}, {@code logStartOffset <= visibleEndOffset
 * <= highWatermark <= logEndOffset} and {@code tieredEndOffset <= highWatermark}.
 *
 * @param localLogStartOffset first offset still in the hot tier
 * @param tieredEndOffset below it: in the cold tier, if not trimmed
 * @param highWatermark below it: committed
 * @param lastStableOffset below it: no open transaction
 * @param visibleEndOffset below it: committed and due; equals {@code highWatermark} without delay
 * @param leaderEpoch the epoch clients see
 * @param hotBytes bytes of this partition's records in the hot tier
 * @param totalBytes bytes in either tier, counted once
 */
public record PartitionSnapshot(
    PartitionId id,
    PartitionConfig config,
    long logStartOffset,
    long localLogStartOffset,
    long tieredEndOffset,
    long visibleEndOffset,
    long lastStableOffset,
    long highWatermark,
    long logEndOffset,
    int leaderEpoch,
    long hotBytes,
    long totalBytes) {}
