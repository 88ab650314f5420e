package io.tidelog.cold.offload;

/**
 * Limits of offloading. Immutable.
 *
 * @param indexIntervalBytes whole batches of at least this size share an index entry
 * @param concurrentUploads segments of different logs uploaded at the same time
 * @param pollMs how often the logs are asked for sealed segments without being told of one
 * @param minBackoffMs wait before the first retry; doubles with each failure
 * @param maxBackoffMs no wait is longer
 * @param alarmAfterMs a segment that fails for so long raises the alarm
 * @param alarmLagBytes so many bytes sealed and not offloaded raise the alarm
 */
public record OffloadConfig(
    int indexIntervalBytes,
    int concurrentUploads,
    long pollMs,
    long minBackoffMs,
    long maxBackoffMs,
    long alarmAfterMs,
    long alarmLagBytes) {

  public static final OffloadConfig DEFAULT =
      new OffloadConfig(32 * 1024, 2, 5_000, 200, 30_000, 60_000, 4L << 30);

  public OffloadConfig {
    if (indexIntervalBytes < 1
        || concurrentUploads < 1
        || pollMs < 1
        || minBackoffMs < 1
        || maxBackoffMs < minBackoffMs
        || alarmAfterMs < 0
        || alarmLagBytes < 0) {
      throw new IllegalArgumentException("impossible " + this);
    }
  }
}
