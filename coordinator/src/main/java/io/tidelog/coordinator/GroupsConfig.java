package io.tidelog.coordinator;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;

/**
 * Settings of the group coordinator; immutable.
 *
 * @param nodeId this node
 * @param properties of the node, by Kafka's names; those that are no group setting are passed over
 * @param garbageBytes an offsets partition may carry this much garbage, or as much as it has live
 *     records, whichever is more
 */
public record GroupsConfig(int nodeId, Map<String, String> properties, long garbageBytes) {

  /** Setting and default of {@code garbageBytes}. */
  public static final String GARBAGE_BYTES_NAME = "tidelog.offsets.garbage.bytes";

  public static final long DEFAULT_GARBAGE_BYTES = CompactionLimits.DEFAULT_GARBAGE_BYTES;

  /** Where our defaults are not the library's: for a small node that is fast at once. */
  private static final Map<String, String> DEFAULTS =
      Map.of(
          GroupCoordinatorConfig.GROUP_INITIAL_REBALANCE_DELAY_MS_CONFIG, "0",
          GroupCoordinatorConfig.GROUP_COORDINATOR_NUM_THREADS_CONFIG, "1",
          GroupCoordinatorConfig.GROUP_COORDINATOR_NUM_BACKGROUND_THREADS_CONFIG, "1");

  public GroupsConfig {
    properties = Map.copyOf(properties);
  }

  public static GroupsConfig ofNode(int nodeId, Map<String, String> properties) {
    return new GroupsConfig(nodeId, properties, DEFAULT_GARBAGE_BYTES);
  }

  /**
   * As Kafka's library reads them.
   *
   * @throws ConfigException when a value is wrong
   */
  GroupCoordinatorConfig toKafka() {
    var merged = new HashMap<>(DEFAULTS);
    properties.forEach(
        (name, value) -> {
          if (GroupCoordinatorConfig.CONFIG_DEF.names().contains(name)) {
            merged.put(name, value);
          }
        });
    return GroupCoordinatorConfig.fromProps(merged);
  }

  CompactionLimits compactionLimits() {
    return new CompactionLimits(
        garbageBytes,
        CompactionLimits.DEFAULT_CHUNK_BYTES,
        CompactionLimits.DEFAULT_MAX_CHUNK_BYTES);
  }
}
