package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.config.Setting;
import io.tidelog.hot.leader.AdmissionPlanner;
import io.tidelog.hot.leader.Durability;
import io.tidelog.hot.segment.SegmentConfig;
import io.tidelog.hot.view.ProducerLimits;
import java.util.Map;

/**
 * Settings of one log, parsed and checked against one another; {@link HotTierSettings} says what
 * each means.
 *
 * @param segments files, their sizes and ages, and how much of the tail is kept in memory
 * @param producers how long and how many producers are remembered
 * @param durability what a record has come through before it is committed
 * @param admission when a late upload slows and refuses producers
 * @param limits how much may wait where
 * @param timing how often what is looked after
 * @param readerThreads threads that read what is no longer in memory
 * @param replication limits that matter when other nodes hold copies of the log
 */
public record HotTierConfig(
    SegmentConfig segments,
    ProducerLimits producers,
    Durability durability,
    AdmissionPlanner.Limits admission,
    Limits limits,
    Timing timing,
    int readerThreads,
    Replication replication) {

  /**
   * All in bytes, but for the last one.
   *
   * @param localMaxBytes of all logs of a node: above this, segments that are in the cold tier are
   *     deleted here whatever topics wish for
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
   * @param maxCommitDelayNs no write group waits longer for appends that are about to come
   */
  public record Timing(long tickMs, long retentionCheckMs, long lazySyncMs, long maxCommitDelayNs) {

    public Timing {
      if (tickMs <= 0 || retentionCheckMs <= 0 || lazySyncMs <= 0) {
        throw new IllegalArgumentException("intervals must be positive");
      }
    }
  }

  /**
   * @param uncommittedBytes written and not committed; above it appends are refused
   * @param maxAheadMs a follower refuses frames whose append time is further ahead of its own clock
   */
  public record Replication(long uncommittedBytes, long maxAheadMs) {

    public static final Replication DEFAULT =
        new Replication(
            HotTierSettings.UNCOMMITTED_BYTES.defaultValue(),
            HotTierSettings.MAX_AHEAD_MS.defaultValue());

    public Replication {
      if (uncommittedBytes <= 0 || maxAheadMs <= 0) {
        throw new IllegalArgumentException("limits of replication must be positive");
      }
    }
  }

  /** Every setting at its default. */
  public static final HotTierConfig DEFAULT = of(Map.of());

  private static final long NANOS_PER_US = 1_000;

  /** The largest write group goes into one piece of the tail's memory. */
  private static final int RING_CHUNK_BYTES = 4 << 20;

  /**
   * Parses settings; keys of others are passed over, absent ones have their defaults.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG}, naming the key
   */
  public static HotTierConfig of(Map<String, String> properties) {
    var values = new Values(properties);
    return new HotTierConfig(
        segments(values),
        new ProducerLimits(
            values.get(HotTierSettings.PRODUCER_ID_EXPIRATION_MS),
            values.get(HotTierSettings.MAX_PRODUCER_IDS)),
        values.get(HotTierSettings.DURABILITY).equals("fsync")
            ? Durability.FSYNC
            : Durability.REPLICATED,
        admission(values),
        new Limits(
            values.get(HotTierSettings.LOCAL_MAX_BYTES),
            values.get(HotTierSettings.MAILBOX_BYTES),
            values.get(HotTierSettings.UNSYNCED_BYTES),
            values.get(HotTierSettings.CHECKPOINT_BYTES),
            values.get(HotTierSettings.QUEUED_READS)),
        new Timing(
            values.get(HotTierSettings.TICK_MS),
            values.get(HotTierSettings.RETENTION_CHECK_MS),
            values.get(HotTierSettings.LAZY_SYNC_MS),
            values.get(HotTierSettings.COMMIT_DELAY_MAX_US) * NANOS_PER_US),
        values.get(HotTierSettings.READER_THREADS),
        new Replication(
            values.get(HotTierSettings.UNCOMMITTED_BYTES),
            values.get(HotTierSettings.MAX_AHEAD_MS)));
  }

  private static SegmentConfig segments(Values values) {
    int tailBytes = values.get(HotTierSettings.TAIL_BYTES);
    return new SegmentConfig(
        values.get(HotTierSettings.SEGMENT_BYTES),
        values.get(HotTierSettings.SEGMENT_MS),
        tailBytes,
        Math.min(RING_CHUNK_BYTES, tailBytes),
        values.get(HotTierSettings.TAIL_PINNED_BYTES),
        values.get(HotTierSettings.SPARE_SEGMENTS),
        values.get(HotTierSettings.SPARE_SYNC_BYTES),
        values.get(HotTierSettings.RESERVE_BYTES),
        values.get(HotTierSettings.RESUME_BYTES));
  }

  private static AdmissionPlanner.Limits admission(Values values) {
    int slowPercent = values.get(HotTierSettings.SLOW_PERCENT);
    int refusePercent = values.get(HotTierSettings.REFUSE_PERCENT);
    if (refusePercent <= slowPercent) {
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG,
          HotTierSettings.REFUSE_PERCENT.name()
              + " must be above "
              + HotTierSettings.SLOW_PERCENT.name());
    }
    long percentBytes = Math.max(1, values.get(HotTierSettings.LOCAL_MAX_BYTES) / 100);
    return new AdmissionPlanner.Limits(slowPercent * percentBytes, refusePercent * percentBytes);
  }

  private record Values(Map<String, String> properties) {

    <T> T get(Setting<T> setting) {
      return setting.parse(properties.getOrDefault(setting.name(), setting.defaultText()));
    }
  }

  public HotTierConfig {
    if (readerThreads <= 0) {
      throw new IllegalArgumentException("readerThreads must be positive");
    }
  }
}
