package io.tidelog.gateway.fetch;

import io.tidelog.core.config.Bounds;
import io.tidelog.core.config.Setting;
import java.util.List;
import java.util.Map;

/** Every key fetches read. Kafka's own names where the meaning is Kafka's. */
public final class FetchSettings {

  private static final int MIB = 1 << 20;

  public static final Setting<Integer> FETCH_MAX_BYTES =
      Setting.ofInt(
          "fetch.max.bytes",
          55 * MIB,
          Bounds.between(1024, Integer.MAX_VALUE),
          "bytes",
          "Most bytes of records in one answer, whatever the client asks for; one batch is always"
              + " answered.");

  public static final Setting<Integer> MAX_SESSIONS =
      Setting.ofInt(
          "max.incremental.fetch.session.cache.slots",
          1_000,
          Bounds.between(0, 1_000_000),
          "",
          "Fetch sessions of this node. Raise it to the number of consumers; one without a session"
              + " sends and gets every partition each time.");

  public static final Setting<Integer> SESSIONS_MAX_BYTES =
      Setting.ofInt(
          "tidelog.fetch.sessions.max.bytes",
          64 * MIB,
          Bounds.between(MIB, Integer.MAX_VALUE),
          "bytes",
          "Memory, as estimated, of the fetch sessions of this node; one that would take more is"
              + " ended, and its client sends and gets every partition each time. Raise it for many"
              + " consumers of many partitions.");

  public static final Setting<Long> SESSION_MIN_EVICTION_MS =
      Setting.ofLong(
          "min.incremental.fetch.session.eviction.ms",
          120_000,
          Bounds.atLeast(0),
          "ms",
          "How long a fetch session was not used, or how old a smaller one is, before it makes room"
              + " for another.");

  public static final Setting<Integer> PARKED_MAX_BYTES =
      Setting.ofInt(
          "tidelog.fetch.parked.max.bytes",
          64 * MIB,
          Bounds.between(MIB, Integer.MAX_VALUE),
          "bytes",
          "Memory, as estimated, of fetches that wait for records; above it a fetch is answered"
              + " empty and its client told to wait. Raise it for many consumers of many"
              + " partitions.");

  public static final Setting<Integer> ANSWERS_MAX_BYTES =
      Setting.ofInt(
          "tidelog.fetch.answers.max.bytes",
          256 * MIB,
          Bounds.between(MIB, Integer.MAX_VALUE),
          "bytes",
          "Records in memory that are being read for fetches or wait to be sent. A fetch gets a"
              + " quarter of what is left, but at least one batch. Raise it with the memory of the"
              + " machine, for many consumers that are far behind.");

  public static final Setting<Integer> LATE_READ_MAX_BYTES =
      Setting.ofInt(
          "tidelog.fetch.late.max.bytes",
          64 * MIB,
          Bounds.between(MIB, Integer.MAX_VALUE),
          "bytes",
          "Records from disk or the cold tier that came too late for their fetch, kept for the"
              + " client's next one.");

  public static final Setting<Integer> LATE_READ_MAX_COUNT =
      Setting.ofInt(
          "tidelog.fetch.late.max.reads",
          4_096,
          Bounds.between(1, 1_000_000),
          "",
          "Reads, ended or not, that outlasted their fetch.");

  public static final Setting<Long> LATE_READ_KEEP_MS =
      Setting.ofLong(
          "tidelog.fetch.late.keep.ms",
          10_000,
          Bounds.between(100, 600_000),
          "ms",
          "How long they are kept for a client that may not come back.");

  public static final Setting<Integer> READ_GRACE_MS =
      Setting.ofInt(
          "tidelog.fetch.read.grace.ms",
          50,
          Bounds.between(0, 10_000),
          "ms",
          "How long a fetch waits at least for a read from disk, also when the client does not want"
              + " to wait.");

  /** In the order of the reference page. */
  public static final List<Setting<?>> ALL =
      List.of(
          FETCH_MAX_BYTES,
          MAX_SESSIONS,
          SESSIONS_MAX_BYTES,
          SESSION_MIN_EVICTION_MS,
          PARKED_MAX_BYTES,
          ANSWERS_MAX_BYTES,
          LATE_READ_MAX_BYTES,
          LATE_READ_MAX_COUNT,
          LATE_READ_KEEP_MS,
          READ_GRACE_MS);

  private FetchSettings() {}

  /**
   * What {@link #FETCH_MAX_BYTES} is among a node's settings.
   *
   * @throws io.tidelog.core.Fault.Refused {@code INVALID_CONFIG}, naming the key
   */
  public static int fetchMaxBytes(Map<String, String> properties) {
    return FETCH_MAX_BYTES.parse(
        properties.getOrDefault(FETCH_MAX_BYTES.name(), FETCH_MAX_BYTES.defaultText()));
  }
}
