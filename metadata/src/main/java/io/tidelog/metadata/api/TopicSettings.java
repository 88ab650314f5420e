package io.tidelog.metadata.api;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.config.Bounds;
import io.tidelog.core.config.Setting;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Every setting a topic may have: Kafka 4.4's, by its names, types, bounds and defaults, and those
 * of delay topics. Where a default differs from Kafka's its purpose says so. Some of Kafka's
 * settings speak of files this server does not have; they are accepted, reported and without
 * effect.
 */
public final class TopicSettings {

  /** Longest delay of a topic: 366 days. */
  public static final long MAX_DELAY_MS = 366L * 24 * 60 * 60 * 1000;

  private static final long DAY_MS = 24L * 60 * 60 * 1000;
  private static final String ANEW =
      "How hard batches are compressed anew, where compression.type is not what the producer used.";

  private static final String NO_EFFECT = "Accepted and reported without effect: ";

  private static final String FLUSHED =
      "when acknowledged records are on stable storage is up to tidelog.durability.";

  private static final Map<String, Setting<?>> ALL = new TreeMap<>();

  public static final Setting<List<String>> CLEANUP_POLICY =
      add(
          Setting.ofList(
              "cleanup.policy",
              "delete",
              List.of("compact", "delete"),
              "What happens to old records: delete them by age and size, or keep the newest of each"
                  + " key. Records are not compacted yet; with compact alone none is deleted."));

  public static final Setting<String> COMPRESSION_TYPE =
      add(
          Setting.ofChoice(
              "compression.type",
              "producer",
              List.of("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"),
              "The codec records are kept in; producer keeps what the producer sent."));

  public static final Setting<Integer> COMPRESSION_GZIP_LEVEL =
      add(
          new Setting<>(
              "compression.gzip.level",
              Setting.Type.INT,
              "-1",
              "",
              "-1 or 1 to 9",
              true,
              ANEW,
              TopicSettings::parseGzipLevel));

  public static final Setting<Integer> COMPRESSION_LZ4_LEVEL =
      add(Setting.ofInt("compression.lz4.level", 9, Bounds.between(1, 17), "", ANEW));

  public static final Setting<Integer> COMPRESSION_ZSTD_LEVEL =
      add(Setting.ofInt("compression.zstd.level", 3, Bounds.between(-131072, 22), "", ANEW));

  public static final Setting<Long> DELAY_MS =
      add(
          Setting.ofLong(
              "delay.ms",
              0,
              Bounds.between(0, MAX_DELAY_MS),
              "ms",
              "How long after its append a record becomes visible. Set from the topic's name at"
                  + " creation; set 0 there for a plain topic. A change holds for later records."));

  public static final Setting<Long> DELAY_MAX_PENDING_BYTES =
      add(
          Setting.ofLong(
              "delay.max.pending.bytes",
              -1,
              Bounds.atLeast(-1),
              "bytes",
              "Above this many bytes of a partition not yet due an append is refused; -1 for no"
                  + " limit. Set it when a burst of delayed records may not fill the disk."));

  public static final Setting<Long> DELETE_RETENTION_MS =
      add(
          Setting.ofLong(
              "delete.retention.ms",
              DAY_MS,
              Bounds.atLeast(0),
              "ms",
              "How long a compacted topic keeps the mark of a deleted key."));

  public static final Setting<Boolean> ERRORS_DEADLETTERQUEUE_GROUP_ENABLE =
      add(
          Setting.ofBoolean(
              "errors.deadletterqueue.group.enable",
              false,
              NO_EFFECT + "whether share groups may use the topic for their dead letters."));

  public static final Setting<Long> FILE_DELETE_DELAY_MS =
      add(
          Setting.ofLong(
              "file.delete.delay.ms",
              60_000,
              Bounds.atLeast(0),
              "ms",
              NO_EFFECT + "partitions share segments, which go when nothing in them is needed."));

  public static final Setting<Long> FLUSH_MESSAGES =
      add(
          Setting.ofLong(
              "flush.messages", Long.MAX_VALUE, Bounds.atLeast(1), "", NO_EFFECT + FLUSHED));

  public static final Setting<Long> FLUSH_MS =
      add(Setting.ofLong("flush.ms", Long.MAX_VALUE, Bounds.atLeast(0), "ms", NO_EFFECT + FLUSHED));

  public static final Setting<List<String>> FOLLOWER_THROTTLED_REPLICAS =
      add(throttledReplicas("follower.replication.throttled.replicas"));

  public static final Setting<Integer> INDEX_INTERVAL_BYTES =
      add(
          Setting.ofInt(
              "index.interval.bytes",
              4096,
              Bounds.between(0, Integer.MAX_VALUE),
              "bytes",
              NO_EFFECT + "the index of a segment is dense."));

  public static final Setting<List<String>> LEADER_THROTTLED_REPLICAS =
      add(throttledReplicas("leader.replication.throttled.replicas"));

  public static final Setting<Long> LOCAL_RETENTION_BYTES =
      add(
          Setting.ofLong(
              "local.retention.bytes",
              -2,
              Bounds.atLeast(-2),
              "bytes",
              "How many offloaded bytes of a partition stay in the hot tier as well, within the"
                  + " log's budget; -2 for as many as retention.bytes."));

  public static final Setting<Long> LOCAL_RETENTION_MS =
      add(
          Setting.ofLong(
              "local.retention.ms",
              DAY_MS,
              Bounds.atLeast(-2),
              "ms",
              "How long offloaded records stay in the hot tier as well, within the log's budget; -2"
                  + " for as long as retention.ms. A day where Kafka has -2, as every topic is"
                  + " tiered."));

  public static final Setting<Long> MAX_COMPACTION_LAG_MS =
      add(
          Setting.ofLong(
              "max.compaction.lag.ms",
              Long.MAX_VALUE,
              Bounds.atLeast(1),
              "ms",
              "Longest time a record of a compacted topic stays uncompacted."));

  public static final Setting<Integer> MAX_DECOMPRESSED_MESSAGE_BYTES =
      add(
          Setting.ofInt(
              "max.decompressed.message.bytes",
              Integer.MAX_VALUE - 8,
              Bounds.between(1, Integer.MAX_VALUE - 8),
              "bytes",
              "Largest record after decompression, where a batch is looked into: with LogAppendTime,"
                  + " message.timestamp.before.max.ms, a codec of the topic's own, or compaction."));

  public static final Setting<Integer> MAX_MESSAGE_BYTES =
      add(
          Setting.ofInt(
              "max.message.bytes",
              1_048_588,
              Bounds.between(0, Integer.MAX_VALUE),
              "bytes",
              "Largest record batch taken. Raise it with the clients' own limits."));

  public static final Setting<Long> MESSAGE_TIMESTAMP_AFTER_MAX_MS =
      add(
          Setting.ofLong(
              "message.timestamp.after.max.ms",
              3_600_000,
              Bounds.atLeast(0),
              "ms",
              "How far a record's timestamp may lie ahead of the clock."));

  public static final Setting<Long> MESSAGE_TIMESTAMP_BEFORE_MAX_MS =
      add(
          Setting.ofLong(
              "message.timestamp.before.max.ms",
              Long.MAX_VALUE,
              Bounds.atLeast(0),
              "ms",
              "How far a record's timestamp may lie behind the clock."));

  public static final Setting<String> MESSAGE_TIMESTAMP_TYPE =
      add(
          Setting.ofChoice(
              "message.timestamp.type",
              "CreateTime",
              List.of("CreateTime", "LogAppendTime"),
              "Whether a record carries its producer's time or that of its append."));

  public static final Setting<Double> MIN_CLEANABLE_DIRTY_RATIO =
      add(
          new Setting<>(
              "min.cleanable.dirty.ratio",
              Setting.Type.DOUBLE,
              "0.5",
              "",
              "0 to 1",
              true,
              "The share of superseded bytes from which a compacted partition is worth compacting.",
              TopicSettings::parseRatio));

  public static final Setting<Long> MIN_COMPACTION_LAG_MS =
      add(
          Setting.ofLong(
              "min.compaction.lag.ms",
              0,
              Bounds.atLeast(0),
              "ms",
              "Shortest time a record of a compacted topic stays uncompacted."));

  public static final Setting<Integer> MIN_INSYNC_REPLICAS =
      add(
          Setting.ofInt(
              "min.insync.replicas",
              1,
              Bounds.between(1, Integer.MAX_VALUE),
              "",
              "With fewer in-sync replicas an append with acks=all is refused."));

  public static final Setting<Boolean> PREALLOCATE =
      add(
          Setting.ofBoolean(
              "preallocate", false, NO_EFFECT + "partitions have no files of their own."));

  public static final Setting<Long> REMOTE_COPY_LAG_BYTES =
      add(
          Setting.ofLong(
              "remote.copy.lag.bytes",
              -1,
              Bounds.atLeast(-1),
              "bytes",
              NO_EFFECT + "a segment of the log is offloaded when it is sealed."));

  public static final Setting<Long> REMOTE_COPY_LAG_MS =
      add(
          Setting.ofLong(
              "remote.copy.lag.ms",
              0,
              Bounds.atLeast(-1),
              "ms",
              NO_EFFECT + "a segment of the log is offloaded when it is sealed."));

  public static final Setting<Boolean> REMOTE_LOG_COPY_DISABLE =
      add(
          onlyWord(
              "remote.log.copy.disable",
              false,
              "Always false: every topic is kept in the cold tier as well."));

  public static final Setting<Boolean> REMOTE_LOG_DELETE_ON_DISABLE =
      add(
          Setting.ofBoolean(
              "remote.log.delete.on.disable",
              false,
              NO_EFFECT + "every topic is kept in the cold tier as well."));

  public static final Setting<Boolean> REMOTE_STORAGE_ENABLE =
      add(
          onlyWord(
              "remote.storage.enable",
              true,
              "Always true, where Kafka has false: every topic is kept in the cold tier as well."));

  public static final Setting<Long> RETENTION_BYTES =
      add(
          Setting.ofLong(
              "retention.bytes",
              -1,
              Bounds.atLeast(-1),
              "bytes",
              "A partition above this size, both tiers counted once, loses its oldest records; -1"
                  + " for no limit."));

  public static final Setting<Long> RETENTION_MS =
      add(
          Setting.ofLong(
              "retention.ms",
              7 * DAY_MS,
              Bounds.atLeast(-1),
              "ms",
              "Records older than this are deleted, counted from when they became visible; -1 for"
                  + " never."));

  public static final Setting<Integer> SEGMENT_BYTES =
      add(
          Setting.ofInt(
              "segment.bytes",
              1_073_741_824,
              Bounds.between(1_048_576, Integer.MAX_VALUE),
              "bytes",
              NO_EFFECT + "partitions share the segments of their log."));

  public static final Setting<Integer> SEGMENT_INDEX_BYTES =
      add(
          Setting.ofInt(
              "segment.index.bytes",
              10_485_760,
              Bounds.between(4, Integer.MAX_VALUE),
              "bytes",
              NO_EFFECT + "partitions share the segments of their log."));

  public static final Setting<Long> SEGMENT_JITTER_MS =
      add(
          Setting.ofLong(
              "segment.jitter.ms",
              0,
              Bounds.atLeast(0),
              "ms",
              NO_EFFECT + "partitions share the segments of their log."));

  public static final Setting<Long> SEGMENT_MS =
      add(
          Setting.ofLong(
              "segment.ms",
              7 * DAY_MS,
              Bounds.atLeast(1),
              "ms",
              NO_EFFECT + "partitions share the segments of their log."));

  public static final Setting<Boolean> UNCLEAN_LEADER_ELECTION_ENABLE =
      add(
          Setting.ofBoolean(
              "unclean.leader.election.enable",
              false,
              NO_EFFECT + "a replica that lost records is never elected."));

  private TopicSettings() {}

  /** Every setting, by name. */
  public static Collection<Setting<?>> all() {
    return Collections.unmodifiableCollection(ALL.values());
  }

  /** The setting of that name, or null. */
  public static @Nullable Setting<?> find(String name) {
    return ALL.get(name);
  }

  /**
   * The setting of that name.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG}
   */
  public static Setting<?> findOrThrow(String name) {
    var setting = ALL.get(name);
    if (setting == null) {
      throw invalid("Unknown topic config name: " + name);
    }
    return setting;
  }

  private static <T> Setting<T> add(Setting<T> setting) {
    var dynamic = setting.dynamic();
    ALL.put(dynamic.name(), dynamic);
    return dynamic;
  }

  private static Setting<Boolean> onlyWord(String name, boolean only, String purpose) {
    return new Setting<>(
        name,
        Setting.Type.BOOLEAN,
        Boolean.toString(only),
        "",
        only + ", as every topic is kept in the cold tier as well",
        true,
        purpose,
        text -> {
          if (!text.equalsIgnoreCase(Boolean.toString(only))) {
            throw new IllegalArgumentException(text);
          }
          return only;
        });
  }

  private static Setting<List<String>> throttledReplicas(String name) {
    return new Setting<>(
        name,
        Setting.Type.LIST,
        "",
        "",
        "* or a list of partition:broker",
        true,
        NO_EFFECT + "replication is not throttled by partition.",
        TopicSettings::parseThrottledReplicas);
  }

  private static List<String> parseThrottledReplicas(String text) {
    var words = text.isEmpty() ? List.<String>of() : List.of(text.split("\\s*,\\s*", -1));
    if (!text.equals("*") && !words.stream().allMatch(word -> word.matches("([0-9]+:[0-9]+)?"))) {
      throw new IllegalArgumentException(text);
    }
    return words;
  }

  private static Integer parseGzipLevel(String text) {
    int level = Integer.parseInt(text);
    return level == -1 ? level : (int) Bounds.between(1, 9).within(level);
  }

  private static Double parseRatio(String text) {
    double ratio = Double.parseDouble(text);
    if (!(ratio >= 0 && ratio <= 1)) {
      throw new IllegalArgumentException(text);
    }
    return ratio;
  }

  static Fault.Refused invalid(String message) {
    return new Fault.Refused(Refusal.INVALID_CONFIG, message);
  }
}
