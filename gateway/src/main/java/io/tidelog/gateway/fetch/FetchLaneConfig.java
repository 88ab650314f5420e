package io.tidelog.gateway.fetch;

import io.tidelog.core.Fault;
import io.tidelog.core.config.Setting;
import java.util.Map;

/**
 * The limits of one event loop's fetches; {@link FetchSettings} says what each means, of the whole
 * node.
 */
public record FetchLaneConfig(
    FetchSessions.Limits sessions,
    long parkedMaxBytes,
    long answersMaxBytes,
    long lateReadMaxBytes,
    int lateReadMaxCount,
    long lateReadKeepMs,
    int readGraceMs) {

  /** Every setting at its default, split over {@code loops} event loops. */
  public static FetchLaneConfig defaults(int loops) {
    return of(Map.of(), loops);
  }

  /**
   * Parses a node's settings and splits them over {@code loops} event loops; keys of others are
   * passed over, absent ones have their defaults.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG}, naming the key
   */
  public static FetchLaneConfig of(Map<String, String> properties, int loops) {
    var values = new Values(properties);
    return new FetchLaneConfig(
        new FetchSessions.Limits(
            Math.ceilDiv(values.get(FetchSettings.MAX_SESSIONS), loops),
            values.get(FetchSettings.SESSIONS_MAX_BYTES) / loops,
            values.get(FetchSettings.SESSION_MIN_EVICTION_MS)),
        values.get(FetchSettings.PARKED_MAX_BYTES) / loops,
        values.get(FetchSettings.ANSWERS_MAX_BYTES) / loops,
        values.get(FetchSettings.LATE_READ_MAX_BYTES) / loops,
        Math.ceilDiv(values.get(FetchSettings.LATE_READ_MAX_COUNT), loops),
        values.get(FetchSettings.LATE_READ_KEEP_MS),
        values.get(FetchSettings.READ_GRACE_MS));
  }

  private record Values(Map<String, String> properties) {

    <T> T get(Setting<T> setting) {
      return setting.parse(properties.getOrDefault(setting.name(), setting.defaultText()));
    }
  }
}
