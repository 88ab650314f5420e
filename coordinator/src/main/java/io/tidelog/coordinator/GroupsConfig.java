package io.tidelog.coordinator;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;

/**
 * Settings of the group coordinator; immutable.
 *
 * @param nodeId this node
 * @param properties of the node's file; those that are no group setting are passed over
 */
public record GroupsConfig(int nodeId, Map<String, String> properties) {

  /** Not a setting: one thread does the rare work, such as resolving regular expressions. */
  private static final String BACKGROUND_THREADS = "1";

  public GroupsConfig {
    properties = Map.copyOf(properties);
  }

  /** Takes what concerns groups from the settings of node {@code nodeId}. */
  public static GroupsConfig ofNode(int nodeId, Map<String, String> properties) {
    return new GroupsConfig(nodeId, properties);
  }

  /**
   * As Kafka's library reads them; where our default differs from the library's, ours holds.
   *
   * @throws ConfigException when a value is wrong
   */
  GroupCoordinatorConfig toKafka() {
    var merged = new HashMap<String, String>();
    for (var setting : GroupSettings.ALL) {
      merged.put(setting.name(), setting.defaultText());
    }
    merged.put(
        GroupCoordinatorConfig.GROUP_COORDINATOR_NUM_BACKGROUND_THREADS_CONFIG, BACKGROUND_THREADS);
    merged.putAll(properties);
    merged.keySet().retainAll(GroupCoordinatorConfig.CONFIG_DEF.names());
    return GroupCoordinatorConfig.fromProps(merged);
  }

  /**
   * @throws io.tidelog.core.Fault.Refused {@code INVALID_CONFIG}
   */
  CompactionLimits compactionLimits() {
    var setting = GroupSettings.GARBAGE_BYTES;
    return new CompactionLimits(
        setting.parse(properties.getOrDefault(setting.name(), setting.defaultText())),
        CompactionLimits.DEFAULT_CHUNK_BYTES,
        CompactionLimits.DEFAULT_MAX_CHUNK_BYTES);
  }
}
