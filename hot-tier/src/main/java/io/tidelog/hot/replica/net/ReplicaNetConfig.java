package io.tidelog.hot.replica.net;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.config.Setting;
import io.tidelog.hot.replica.ReplicaSettings;
import java.util.Map;

/**
 * Where replication connections are taken, and their limits; {@link ReplicaSettings} says what each
 * means.
 *
 * @param listen port 0 for any free one
 * @param maxConnections taken at once
 * @param stallMs a connection whose bytes nobody took for so long ends
 * @param unsentBytes waiting for one node; above it its connection ends
 * @param receivePoolBytes memory for received write groups kept to be used again
 */
public record ReplicaNetConfig(
    HostPort listen,
    int maxConnections,
    Connecting connecting,
    int stallMs,
    long unsentBytes,
    long receivePoolBytes) {

  /** Every setting at its default. */
  public static final ReplicaNetConfig DEFAULT = of(Map.of());

  /**
   * @param timeoutMs for a connection to be made, and again for the handshake
   * @param minBackoffMs before the second attempt, doubled for each further one
   * @param maxBackoffMs between two attempts
   * @param waitingBytes of messages while a connection is being made
   */
  public record Connecting(
      int timeoutMs, long minBackoffMs, long maxBackoffMs, long waitingBytes) {}

  /**
   * Parses settings; keys of others are passed over, absent ones have their defaults.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG}, naming the key
   */
  public static ReplicaNetConfig of(Map<String, String> properties) {
    var values = new Values(properties);
    long minBackoffMs = values.get(ReplicaSettings.BACKOFF_MS);
    long maxBackoffMs = values.get(ReplicaSettings.BACKOFF_MAX_MS);
    if (maxBackoffMs < minBackoffMs) {
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG,
          ReplicaSettings.BACKOFF_MAX_MS.name()
              + " must not be below "
              + ReplicaSettings.BACKOFF_MS.name());
    }
    long unsentBytes = values.get(ReplicaSettings.UNSENT_BYTES);
    if (unsentBytes < values.get(ReplicaSettings.WINDOW_BYTES)) {
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG,
          ReplicaSettings.UNSENT_BYTES.name()
              + " must not be below "
              + ReplicaSettings.WINDOW_BYTES.name());
    }
    return new ReplicaNetConfig(
        new HostPort(values.get(ReplicaSettings.HOST), values.get(ReplicaSettings.PORT)),
        values.get(ReplicaSettings.MAX_CONNECTIONS),
        new Connecting(
            values.get(ReplicaSettings.CONNECT_TIMEOUT_MS),
            minBackoffMs,
            maxBackoffMs,
            values.get(ReplicaSettings.CONNECT_WAITING_BYTES)),
        values.get(ReplicaSettings.STALL_MS),
        unsentBytes,
        values.get(ReplicaSettings.RECEIVE_POOL_BYTES));
  }

  private record Values(Map<String, String> properties) {

    <T> T get(Setting<T> setting) {
      return setting.parse(properties.getOrDefault(setting.name(), setting.defaultText()));
    }
  }
}
