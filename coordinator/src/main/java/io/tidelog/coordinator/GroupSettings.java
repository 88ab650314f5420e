package io.tidelog.coordinator;

import io.tidelog.core.config.Bounds;
import io.tidelog.core.config.Setting;
import java.util.List;

/** Every key of the node's file that the group coordinator reads; Kafka's names and meanings. */
public final class GroupSettings {

  private static final int MAX = Integer.MAX_VALUE;

  public static final Setting<Integer> OFFSETS_TOPIC_PARTITIONS =
      Setting.ofInt(
          "offsets.topic.num.partitions",
          50,
          Bounds.between(1, 10_000),
          "",
          "Partitions of __consumer_offsets; fixed when it is created, with the first group.");

  public static final Setting<Integer> OFFSETS_TOPIC_REPLICAS =
      Setting.ofInt(
          "offsets.topic.replication.factor",
          3,
          Bounds.between(1, Short.MAX_VALUE),
          "",
          "Replicas of __consumer_offsets; fixed when it is created, with the first group, for which"
              + " so many hot nodes must be there. A node that keeps its metadata itself has one"
              + " unless told. Lower it for a cluster of fewer than three hot nodes.");

  public static final Setting<Long> GARBAGE_BYTES =
      Setting.ofLong(
          "tidelog.offsets.garbage.bytes",
          CompactionLimits.DEFAULT_GARBAGE_BYTES,
          Bounds.atLeast(4_096),
          "bytes",
          "An offsets partition may carry this much that later commits made obsolete, or as much"
              + " as it has current records. Lower it for a faster restart, at the price of more"
              + " writing.");

  public static final Setting<Integer> OFFSETS_RETENTION_MINUTES =
      Setting.ofInt(
          "offsets.retention.minutes",
          10_080,
          Bounds.between(1, MAX),
          "min",
          "How long offsets of a group without members, or of a topic it no longer reads, are"
              + " kept. Raise it for consumers that pause for longer than a week.");

  public static final Setting<Long> OFFSETS_RETENTION_CHECK_MS =
      Setting.ofLong(
          "offsets.retention.check.interval.ms",
          600_000,
          Bounds.atLeast(1),
          "ms",
          "How often expired offsets are looked for.");

  public static final Setting<Integer> OFFSET_METADATA_MAX_BYTES =
      Setting.ofInt(
          "offset.metadata.max.bytes",
          4_096,
          Bounds.between(0, MAX),
          "bytes",
          "Largest text a client may commit beside an offset.");

  public static final Setting<Integer> OFFSETS_COMMIT_TIMEOUT_MS =
      Setting.ofInt(
          "offsets.commit.timeout.ms",
          5_000,
          Bounds.between(1, MAX),
          "ms",
          "How long a commit may wait for the disk before the client is told to try again.");

  public static final Setting<Integer> MIN_SESSION_TIMEOUT_MS =
      Setting.ofInt(
          "group.min.session.timeout.ms",
          6_000,
          Bounds.between(1, MAX),
          "ms",
          "Shortest session a member of a classic group may ask for.");

  public static final Setting<Integer> MAX_SESSION_TIMEOUT_MS =
      Setting.ofInt(
          "group.max.session.timeout.ms",
          1_800_000,
          Bounds.between(1, MAX),
          "ms",
          "Longest session a member of a classic group may ask for.");

  public static final Setting<Integer> INITIAL_REBALANCE_DELAY_MS =
      Setting.ofInt(
          "group.initial.rebalance.delay.ms",
          0,
          Bounds.between(0, MAX),
          "ms",
          "How long a new classic group waits for more members before it assigns partitions."
              + " Raise it when many members start together.");

  public static final Setting<Integer> MAX_SIZE =
      Setting.ofInt(
          "group.max.size", MAX, Bounds.between(1, MAX), "", "Most members of a classic group.");

  public static final Setting<Integer> CONSUMER_SESSION_TIMEOUT_MS =
      Setting.ofInt(
          "group.consumer.session.timeout.ms",
          45_000,
          Bounds.between(1, MAX),
          "ms",
          "After this long without a heartbeat a member of a consumer group is gone.");

  public static final Setting<Integer> CONSUMER_HEARTBEAT_INTERVAL_MS =
      Setting.ofInt(
          "group.consumer.heartbeat.interval.ms",
          5_000,
          Bounds.between(1, MAX),
          "ms",
          "How often members of a consumer group are told to send heartbeats.");

  public static final Setting<Integer> CONSUMER_MAX_SIZE =
      Setting.ofInt(
          "group.consumer.max.size",
          MAX,
          Bounds.between(1, MAX),
          "",
          "Most members of a consumer group.");

  public static final Setting<Integer> CONSUMER_ASSIGNMENT_INTERVAL_MS =
      Setting.ofInt(
          "group.consumer.assignment.interval.ms",
          1_000,
          Bounds.between(0, MAX),
          "ms",
          "Least time between two assignments of a consumer group.");

  public static final Setting<List<String>> CONSUMER_ASSIGNORS =
      Setting.ofList(
          "group.consumer.assignors",
          "uniform,range",
          List.of("uniform", "range"),
          "How partitions of a consumer group may be divided; the first is the default.");

  public static final Setting<String> CONSUMER_MIGRATION_POLICY =
      Setting.ofChoice(
          "group.consumer.migration.policy",
          "bidirectional",
          List.of("disabled", "upgrade", "downgrade", "bidirectional"),
          "Whether a classic group may become a consumer group while it runs, and back.");

  public static final Setting<Integer> THREADS =
      Setting.ofInt(
          "group.coordinator.threads",
          1,
          Bounds.between(1, 64),
          "",
          "Threads that serve groups; raise it on a node with thousands of groups.");

  /** In the order of the reference. */
  public static final List<Setting<?>> ALL =
      List.of(
          OFFSETS_TOPIC_PARTITIONS,
          OFFSETS_TOPIC_REPLICAS,
          GARBAGE_BYTES,
          OFFSETS_RETENTION_MINUTES,
          OFFSETS_RETENTION_CHECK_MS,
          OFFSET_METADATA_MAX_BYTES,
          OFFSETS_COMMIT_TIMEOUT_MS,
          MIN_SESSION_TIMEOUT_MS,
          MAX_SESSION_TIMEOUT_MS,
          INITIAL_REBALANCE_DELAY_MS,
          MAX_SIZE,
          CONSUMER_SESSION_TIMEOUT_MS,
          CONSUMER_HEARTBEAT_INTERVAL_MS,
          CONSUMER_MAX_SIZE,
          CONSUMER_ASSIGNMENT_INTERVAL_MS,
          CONSUMER_ASSIGNORS,
          CONSUMER_MIGRATION_POLICY,
          THREADS);

  private GroupSettings() {}
}
