package io.tidelog.metadata.node;

import io.tidelog.metadata.api.ClusterSettings;
import java.util.Map;

/**
 * The times of a {@link NodeSession}.
 *
 * @param timeoutMs of the lease
 * @param heartbeatMs between two renewals
 */
public record SessionLimits(int timeoutMs, int heartbeatMs) {

  public SessionLimits {
    if (heartbeatMs < 1 || timeoutMs < 3L * heartbeatMs) {
      throw new IllegalArgumentException(
          ClusterSettings.HEARTBEAT_INTERVAL_MS.name()
              + "="
              + heartbeatMs
              + " is over a third of "
              + ClusterSettings.SESSION_TIMEOUT_MS.name()
              + "="
              + timeoutMs);
    }
  }

  /** As a node's configuration file says. */
  public static SessionLimits of(Map<String, String> file) {
    var timeout = ClusterSettings.SESSION_TIMEOUT_MS;
    var heartbeat = ClusterSettings.HEARTBEAT_INTERVAL_MS;
    return new SessionLimits(
        timeout.parse(file.getOrDefault(timeout.name(), timeout.defaultText())),
        heartbeat.parse(file.getOrDefault(heartbeat.name(), heartbeat.defaultText())));
  }

  /** Taken off the validity of a lease: by so much the store's clock may run faster. */
  long marginNs() {
    return timeoutMs * 1_000_000L / 10;
  }

  long timeoutNs() {
    return timeoutMs * 1_000_000L;
  }

  long heartbeatNs() {
    return heartbeatMs * 1_000_000L;
  }

  /** A request without an answer for so long is given up; its answer is ignored. */
  long requestTimeoutNs() {
    return heartbeatNs();
  }

  /** After a request that failed. */
  long retryNs() {
    return heartbeatNs() / 4;
  }

  /**
   * A predecessor that died has lost its lease after this: its time to live, once more for a store
   * that changed its own leader, and the time to notice.
   */
  long occupiedNs() {
    return 3 * timeoutNs();
  }
}
