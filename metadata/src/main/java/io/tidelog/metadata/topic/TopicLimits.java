package io.tidelog.metadata.topic;

import io.tidelog.core.config.Setting;
import io.tidelog.metadata.api.ClusterSettings;
import io.tidelog.metadata.api.MetadataSettings;
import java.util.Map;

/** See {@link MetadataSettings} and {@link ClusterSettings}. */
public record TopicLimits(
    int defaultPartitions,
    int defaultReplicationFactor,
    int maxTopicPartitions,
    int maxPartitions,
    int logsPerNode) {

  /** As a node's configuration file says. */
  public static TopicLimits of(Map<String, String> file) {
    return new TopicLimits(
        value(MetadataSettings.NUM_PARTITIONS, file),
        value(MetadataSettings.DEFAULT_REPLICATION_FACTOR, file),
        value(MetadataSettings.MAX_TOPIC_PARTITIONS, file),
        value(MetadataSettings.MAX_PARTITIONS, file),
        value(ClusterSettings.LOGS_PER_NODE, file));
  }

  private static int value(Setting<Integer> setting, Map<String, String> file) {
    return setting.parse(file.getOrDefault(setting.name(), setting.defaultText()));
  }
}
