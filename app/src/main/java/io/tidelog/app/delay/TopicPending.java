package io.tidelog.app.delay;

/**
 * What of a topic is not due yet, over all its partitions.
 *
 * @param partitions of which something is pending
 * @param sizeBytes of the pending records
 * @param nextDueMs wall time from which the first record is due
 * @param lastDueMs wall time from which all are
 */
public record TopicPending(
    String topic,
    long delayMs,
    int partitions,
    long records,
    long sizeBytes,
    long nextDueMs,
    long lastDueMs) {

  /** Both together, under the name of this one. */
  TopicPending plus(TopicPending other) {
    return new TopicPending(
        topic,
        Math.max(delayMs, other.delayMs),
        partitions + other.partitions,
        records + other.records,
        sizeBytes + other.sizeBytes,
        Math.min(nextDueMs, other.nextDueMs),
        Math.max(lastDueMs, other.lastDueMs));
  }
}
