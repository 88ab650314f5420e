package io.tidelog.metadata.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the settings of a topic or a node are to change. */
public sealed interface ConfigUpdate {

  /** These and no others are set afterwards, as Kafka's AlterConfigs. */
  record Replace(Map<String, String> configs) implements ConfigUpdate {}

  /** Each of these changes, one after the other, as Kafka's IncrementalAlterConfigs. */
  record Edit(List<ConfigChange> changes) implements ConfigUpdate {}

  /**
   * A change of one setting.
   *
   * @param value null only for {@code DELETE}
   */
  record ConfigChange(String name, Action action, @Nullable String value) {}

  /** KIP-339's operations. */
  enum Action {
    SET,
    DELETE,
    APPEND,
    SUBTRACT
  }
}
