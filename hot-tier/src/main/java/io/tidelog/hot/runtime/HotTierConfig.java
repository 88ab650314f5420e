package io.tidelog.hot.runtime;

import io.tidelog.hot.leader.AdmissionPlanner;
import io.tidelog.hot.leader.Durability;
import io.tidelog.hot.segment.SegmentConfig;
import io.tidelog.hot.view.ProducerLimits;

/**
 * Settings of one log.
 *
 * @param segments files, their sizes and ages, and how much of the tail is kept in memory
 * @param producers how long and how many producers are remembered
 * @param durability what a record has come through before it is committed
 * @param admission when a late upload slows and refuses producers
 * @param limits how much may wait where
 * @param timing how often what is looked after
 * @param readerThreads threads that read what is no longer in memory
 */
public record HotTierConfig(
    SegmentConfig segments,
    ProducerLimits producers,
    Durability durability,
    AdmissionPlanner.Limits admission,
    Limits limits,
    Timing timing,
    int readerThreads) {

  /**
   * All in bytes, but for the last one.
   *
   * @param localMaxBytes above this, segments that are in the cold tier are deleted here whatever
   *     topics wish for
   * @param mailboxBytes of appends waiting for the lane; above it they are refused at the door
   * @param unsyncedBytes written and not synced; above it the lane leaves appends waiting
   * @param checkpointBytes a view is saved when so much was written since the last one, and at each
   *     seal
   * @param queuedReads reads waiting for a thread; above it they fail as retriable
   */
  public record Limits(
      long localMaxBytes,
      long mailboxBytes,
      long unsyncedBytes,
      long checkpointBytes,
      int queuedReads) {

    public static final Limits DEFAULT =
        new Limits(20L << 30, 64L << 20, 32L << 20, 128L << 20, 1_000);

    public Limits {
      if (localMaxBytes <= 0 || mailboxBytes <= 0 || unsyncedBytes <= 0 || checkpointBytes <= 0) {
        throw new IllegalArgumentException("limits of bytes must be positive");
      }
      if (queuedReads <= 0) {
        throw new IllegalArgumentException("queuedReads must be positive");
      }
    }
  }

  /**
   * @param tickMs age of segments, free space, checkpoints and trimming are looked after this often
   * @param retentionCheckMs {@code log.retention.check.interval.ms}
   * @param lazySyncMs with {@link Durability#REPLICATED}, what was written is synced this often
   */
  public record Timing(long tickMs, long retentionCheckMs, long lazySyncMs) {

    public static final Timing DEFAULT = new Timing(500, 30_000, 1_000);

    public Timing {
      if (tickMs <= 0 || retentionCheckMs <= 0 || lazySyncMs <= 0) {
        throw new IllegalArgumentException("intervals must be positive");
      }
    }
  }

  public static final HotTierConfig DEFAULT =
      new HotTierConfig(
          SegmentConfig.DEFAULT,
          ProducerLimits.DEFAULT,
          Durability.FSYNC,
          AdmissionPlanner.Limits.DEFAULT,
          Limits.DEFAULT,
          Timing.DEFAULT,
          4);

  public HotTierConfig {
    if (readerThreads <= 0) {
      throw new IllegalArgumentException("readerThreads must be positive");
    }
  }
}
