package io.tidelog.hot.replica;

import io.tidelog.core.config.Bounds;
import io.tidelog.core.config.Setting;
import io.tidelog.hot.move.MoveLimits;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Every key of the moves of partitions between logs. */
public final class MoveSettings {

  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final Bounds TIME_MS = Bounds.between(1, 3_600_000);

  public static final Setting<Integer> MAX_PARTITIONS =
      Setting.ofInt(
          "tidelog.move.partitions.max",
          4,
          Bounds.between(1, 1_000),
          "",
          "Partitions that are copied into one segment log at a time; others that are to move there"
              + " wait. Lower it when moves disturb clients.");

  public static final Setting<Integer> CHUNK_BYTES =
      Setting.ofInt(
          "tidelog.move.chunk.bytes",
          MIB,
          Bounds.between(KIB, 4 * MIB),
          "bytes",
          "Records of a partition that moves copied at once; a larger batch goes alone.");

  public static final Setting<Long> CLOSE_BYTES =
      Setting.ofLong(
          "tidelog.move.close.bytes",
          MIB,
          Bounds.between(0, 1024L * MIB),
          "bytes",
          "A partition that moves takes no more records when no more than this is left to be"
              + " copied. Lower it to have it closed for a shorter time, raise it when producers are"
              + " faster than the copy.");

  public static final Setting<Long> ASK_TIMEOUT_MS =
      Setting.ofLong(
          "tidelog.move.ask.timeout.ms",
          2_000,
          TIME_MS,
          "ms",
          "How long the leader of a log waits for an answer about a partition that moves to it"
              + " before it asks again.");

  public static final Setting<Long> RETRY_MS =
      Setting.ofLong(
          "tidelog.move.retry.ms",
          200,
          TIME_MS,
          "ms",
          "Time between two tries to change the home of a partition, or to take a move back.");

  public static final Setting<Long> CLOSED_MAX_MS =
      Setting.ofLong(
          "tidelog.move.closed.max.ms",
          5_000,
          TIME_MS,
          "ms",
          "A move is given up, and the partition takes records again, when it was closed for so"
              + " long.");

  public static final Setting<Long> NEEDS_MS =
      Setting.ofLong(
          "tidelog.move.needs.ms",
          60_000,
          TIME_MS,
          "ms",
          "How often a log asks which objects in the object store are needed still by partitions"
              + " that have moved away.");

  /** In the order of the reference. */
  public static final List<Setting<?>> ALL =
      List.of(
          MAX_PARTITIONS,
          CHUNK_BYTES,
          CLOSE_BYTES,
          ASK_TIMEOUT_MS,
          RETRY_MS,
          CLOSED_MAX_MS,
          NEEDS_MS);

  private MoveSettings() {}

  /**
   * Parses what is given; keys of others are passed over, absent ones have their defaults.
   *
   * @throws io.tidelog.core.Fault.Refused {@code INVALID_CONFIG}, naming the key
   */
  public static MoveConfig of(Map<String, String> properties) {
    var limits =
        new MoveLimits(
            get(properties, CLOSE_BYTES),
            ns(properties, ASK_TIMEOUT_MS),
            ns(properties, RETRY_MS),
            ns(properties, CLOSED_MAX_MS));
    return new MoveConfig(
        limits,
        get(properties, MAX_PARTITIONS),
        get(properties, CHUNK_BYTES),
        ns(properties, NEEDS_MS));
  }

  private static <T> T get(Map<String, String> properties, Setting<T> setting) {
    return setting.parse(properties.getOrDefault(setting.name(), setting.defaultText()));
  }

  private static long ns(Map<String, String> properties, Setting<Long> setting) {
    return TimeUnit.MILLISECONDS.toNanos(get(properties, setting));
  }
}
