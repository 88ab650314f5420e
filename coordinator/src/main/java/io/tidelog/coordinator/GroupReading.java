package io.tidelog.coordinator;

import java.util.Map;

/**
 * One value that Kafka's coordinator measures of itself.
 *
 * @param name as Kafka names it, such as {@code group-count} or {@code offset-commit-rate}
 * @param tags such as {@code protocol=consumer}
 */
public record GroupReading(String name, Map<String, String> tags, double value) {

  public GroupReading {
    tags = Map.copyOf(tags);
  }
}
