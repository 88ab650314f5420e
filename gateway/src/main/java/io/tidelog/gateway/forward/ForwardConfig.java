package io.tidelog.gateway.forward;

import io.tidelog.core.Fault;
import io.tidelog.core.config.Setting;
import java.util.Map;

/** The limits of forwarding; {@link ForwardSettings} says what each means. */
public record ForwardConfig(
    int holdMs,
    int answerTimeoutMs,
    int retryBackoffMs,
    int retryBackoffMaxMs,
    int connectTimeoutMs,
    int stallMs,
    long answersMaxBytes,
    int fetchGraceMs) {

  /**
   * Parses settings; keys of others are passed over, absent ones have their defaults.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG}, naming the key
   */
  public static ForwardConfig of(Map<String, String> properties) {
    var values = new Values(properties);
    return new ForwardConfig(
        values.get(ForwardSettings.HOLD_MS),
        values.get(ForwardSettings.ANSWER_TIMEOUT_MS),
        values.get(ForwardSettings.RETRY_BACKOFF_MS),
        values.get(ForwardSettings.RETRY_BACKOFF_MAX_MS),
        values.get(ForwardSettings.CONNECT_TIMEOUT_MS),
        values.get(ForwardSettings.STALL_MS),
        values.get(ForwardSettings.ANSWERS_MAX_BYTES),
        values.get(ForwardSettings.FETCH_GRACE_MS));
  }

  /** The wait before the next attempt at the same node after so many that failed. */
  long backoffNs(int failures) {
    long ms = (long) retryBackoffMs << Math.min(Math.max(failures - 1, 0), 20);
    return Math.min(ms, retryBackoffMaxMs) * 1_000_000;
  }

  private record Values(Map<String, String> properties) {

    <T> T get(Setting<T> setting) {
      return setting.parse(properties.getOrDefault(setting.name(), setting.defaultText()));
    }
  }
}
