package io.tidelog.core.log;

/**
 * The settings of a topic that a partition's view depends on. They are logged with the partition,
 * so that a view stays a function of its log and of nothing else.
 *
 * @param retentionMs records older than this may go, −1 for never
 * @param retentionBytes what is over this may go, oldest first, −1 for no limit
 * @param localRetentionMs how long offloaded records stay in the hot tier as well, −2 for as {@code
 *     retentionMs}
 * @param localRetentionBytes how many offloaded bytes stay in the hot tier as well, −2 for as
 *     {@code retentionBytes}
 * @param compacted {@code cleanup.policy} contains {@code compact}: retention deletes nothing
 *     unless {@code deleted} is set too
 * @param deleted {@code cleanup.policy} contains {@code delete}
 * @param delayMs how long after its append a record becomes visible, 0 for at once
 * @param delayMaxPendingBytes above this many bytes not yet visible an append is refused, −1 for no
 *     limit
 */
public record PartitionConfig(
    long retentionMs,
    long retentionBytes,
    long localRetentionMs,
    long localRetentionBytes,
    boolean compacted,
    boolean deleted,
    long delayMs,
    long delayMaxPendingBytes) {}
