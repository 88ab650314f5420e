package io.tidelog.hot.runtime;

import io.tidelog.core.config.Bounds;
import io.tidelog.core.config.Setting;
import java.util.List;

/** Every key the hot tier reads. Kafka's own names where the meaning is Kafka's. */
public final class HotTierSettings {

  private static final int MIB = 1 << 20;

  public static final Setting<String> DURABILITY =
      Setting.ofChoice(
          "tidelog.durability",
          "fsync",
          List.of("fsync", "replicated"),
          "What acks=all waits for: fsync, stable storage of every in-sync replica; replicated, the"
              + " page cache of every in-sync replica, as in Kafka.");

  public static final Setting<Integer> SEGMENT_BYTES =
      Setting.ofInt(
          "tidelog.segment.bytes",
          256 * MIB,
          Bounds.between(MIB, 1024 * MIB),
          "bytes",
          "Size at which a segment of the log is sealed and offloaded. Smaller ones"
              + " are offloaded sooner, in more objects; a record batch is at most a"
              + " quarter of it.");

  public static final Setting<Long> SEGMENT_MS =
      Setting.ofLong(
          "tidelog.segment.ms",
          600_000,
          Bounds.atLeast(100),
          "ms",
          "Age at which a segment with records is sealed although it is not full."
              + " Lower it to have quiet topics in the cold tier sooner.");

  public static final Setting<Integer> TAIL_BYTES =
      Setting.ofInt(
          "tidelog.tail.bytes",
          32 * MIB,
          Bounds.between(MIB, 1024 * MIB),
          "bytes",
          "Recent records of each segment log kept in memory for consumers that keep up. Raise it when"
              + " many consumers lag by seconds.");

  public static final Setting<Integer> TAIL_PINNED_BYTES =
      Setting.ofInt(
          "tidelog.tail.pinned.bytes",
          32 * MIB,
          Bounds.between(0, 1024 * MIB),
          "bytes",
          "Memory that consumers who read slowly may hold on top of the tail; above"
              + " it new records are read from the file.");

  public static final Setting<Integer> SPARE_SEGMENTS =
      Setting.ofInt(
          "tidelog.segment.spares",
          1,
          Bounds.between(0, 16),
          "",
          "Segment files written through ahead of time, which makes syncing"
              + " cheaper; 0 saves their disk space.");

  public static final Setting<Integer> SPARE_SYNC_BYTES =
      Setting.ofInt(
          "tidelog.segment.spares.sync.bytes",
          256 * 1024,
          Bounds.between(0, 1024 * MIB),
          "bytes",
          "Segment files are written through ahead of time while a sync covers no more than this"
              + " on average: with larger ones it costs more CPU than it saves. Raise it for disks"
              + " that are slow to flush.");

  public static final Setting<Integer> RESERVE_BYTES =
      Setting.ofInt(
          "tidelog.disk.reserve.bytes",
          16 * MIB,
          Bounds.between(0, 1024 * MIB),
          "bytes",
          "Disk space held back so that a full disk can still be freed.");

  public static final Setting<Long> RESUME_BYTES =
      Setting.ofLong(
          "tidelog.disk.resume.bytes",
          64L * MIB,
          Bounds.atLeast(0),
          "bytes",
          "Free space at which records are taken again after the disk was full.");

  public static final Setting<Long> LOCAL_MAX_BYTES =
      Setting.ofLong(
          "tidelog.local.max.bytes",
          20L * 1024 * MIB,
          Bounds.atLeast(4L * MIB),
          "bytes",
          "Cap of a node's segment logs on disk, together: offloaded segments go when it is"
              + " reached, whatever local.retention of topics asks for. Each log may use what"
              + " the others leave, and never less than an equal share.");

  public static final Setting<Integer> SLOW_PERCENT =
      Setting.ofInt(
          "tidelog.offload.lag.slow.percent",
          50,
          Bounds.between(0, 99),
          "",
          "Part of tidelog.local.max.bytes that may wait to be offloaded before"
              + " producers are slowed.");

  public static final Setting<Integer> REFUSE_PERCENT =
      Setting.ofInt(
          "tidelog.offload.lag.refuse.percent",
          80,
          Bounds.between(1, 100),
          "",
          "Part of tidelog.local.max.bytes that may wait to be offloaded before"
              + " producers are refused; above the slow one.");

  public static final Setting<Long> MAILBOX_BYTES =
      Setting.ofLong(
          "tidelog.append.queue.bytes",
          64L * MIB,
          Bounds.atLeast(MIB),
          "bytes",
          "Record batches waiting to be written; above it appends are refused.");

  public static final Setting<Long> UNSYNCED_BYTES =
      Setting.ofLong(
          "tidelog.append.unsynced.bytes",
          32L * MIB,
          Bounds.atLeast(MIB),
          "bytes",
          "Record batches written and not yet synced; above it appends wait in the" + " queue.");

  public static final Setting<Long> COMMIT_DELAY_MAX_US =
      Setting.ofLong(
          "tidelog.commit.delay.max.us",
          500,
          Bounds.between(0, 100_000),
          "us",
          "How long appends may wait for those of other producers that were just answered, so"
              + " that one sync serves all; never longer than half a sync takes. 0 for not at all.");

  public static final Setting<Long> CHECKPOINT_BYTES =
      Setting.ofLong(
          "tidelog.checkpoint.bytes",
          128L * MIB,
          Bounds.atLeast(MIB),
          "bytes",
          "The state of partitions is saved when so much was written. Lower it for"
              + " faster restarts.");

  public static final Setting<Integer> READER_THREADS =
      Setting.ofInt(
          "tidelog.reader.threads",
          4,
          Bounds.between(1, 256),
          "",
          "Threads that read records no longer in memory. Raise it on disks that"
              + " serve many reads at once.");

  public static final Setting<Integer> QUEUED_READS =
      Setting.ofInt(
          "tidelog.reader.queue",
          1_000,
          Bounds.atLeast(1),
          "",
          "Reads waiting for such a thread; above it they are refused and the"
              + " consumer asks again.");

  public static final Setting<Long> PRODUCER_ID_EXPIRATION_MS =
      Setting.ofLong(
          "producer.id.expiration.ms",
          86_400_000,
          Bounds.atLeast(1),
          "ms",
          "An idempotent producer that wrote nothing for so long is forgotten.");

  public static final Setting<Integer> MAX_PRODUCER_IDS =
      Setting.ofInt(
          "tidelog.producer.ids.max",
          100_000,
          Bounds.between(1, 100_000_000),
          "",
          "Idempotent producers remembered, one for each partition it writes to;"
              + " above it the one silent longest is forgotten. Each costs about 250 bytes"
              + " of heap.");

  public static final Setting<Long> RETENTION_CHECK_MS =
      Setting.ofLong(
          "log.retention.check.interval.ms",
          30_000,
          Bounds.atLeast(1),
          "ms",
          "How often records that are too old or too many are looked for.");

  public static final Setting<Long> TICK_MS =
      Setting.ofLong(
          "tidelog.housekeeping.interval.ms",
          500,
          Bounds.between(10, 60_000),
          "ms",
          "How often segment ages, free disk space and checkpoints are looked" + " after.");

  public static final Setting<Long> LAZY_SYNC_MS =
      Setting.ofLong(
          "tidelog.lazy.sync.interval.ms",
          1_000,
          Bounds.between(10, 600_000),
          "ms",
          "With tidelog.durability=replicated, how often records are synced all the" + " same.");

  public static final Setting<Long> UNCOMMITTED_BYTES =
      Setting.ofLong(
          "tidelog.append.uncommitted.bytes",
          1024L * MIB,
          Bounds.atLeast(64L * MIB),
          "bytes",
          "Record batches written and not yet on every in-sync replica; above it producers are"
              + " refused. Lower it when heap is short: what waits is remembered batch by batch.");

  public static final Setting<Long> MAX_AHEAD_MS =
      Setting.ofLong(
          "tidelog.replica.clock.ahead.max.ms",
          2_000,
          Bounds.between(100, 60_000),
          "ms",
          "A replica refuses what its leader appended this far ahead of the replica's own clock."
              + " Raise it only while clocks cannot be kept in step.");

  /** In the order of the reference. */
  public static final List<Setting<?>> ALL =
      List.of(
          DURABILITY,
          SEGMENT_BYTES,
          SEGMENT_MS,
          TAIL_BYTES,
          TAIL_PINNED_BYTES,
          SPARE_SEGMENTS,
          SPARE_SYNC_BYTES,
          RESERVE_BYTES,
          RESUME_BYTES,
          LOCAL_MAX_BYTES,
          SLOW_PERCENT,
          REFUSE_PERCENT,
          MAILBOX_BYTES,
          UNSYNCED_BYTES,
          COMMIT_DELAY_MAX_US,
          CHECKPOINT_BYTES,
          READER_THREADS,
          QUEUED_READS,
          PRODUCER_ID_EXPIRATION_MS,
          MAX_PRODUCER_IDS,
          RETENTION_CHECK_MS,
          TICK_MS,
          LAZY_SYNC_MS,
          UNCOMMITTED_BYTES,
          MAX_AHEAD_MS);

  private HotTierSettings() {}
}
