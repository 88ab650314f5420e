package io.tidelog.app.node;

import java.nio.file.Path;

/**
 * Where a started node is found.
 *
 * @param bootstrap host and port for Kafka clients, or {@link #NONE}
 * @param admin host and port of the admin endpoint
 * @param objectStore the cold tier, as configured or by default
 */
public record NodeAddresses(String bootstrap, String admin, Path data, String objectStore) {

  /** As {@link #bootstrap}: the node serves no clients. */
  public static final String NONE = "none";
}
