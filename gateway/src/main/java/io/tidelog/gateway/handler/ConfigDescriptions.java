package io.tidelog.gateway.handler;

import io.tidelog.core.config.Setting;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.ConfigSource;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicDefaults.SourcedValue;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.TopicSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.jspecify.annotations.Nullable;

/** Settings of topics and of this node as DescribeConfigs shows them, with where each was set. */
public final class ConfigDescriptions {

  /** Settings of the node that Kafka shows, without the prefix, as those of each group. */
  private static final Set<String> GROUP_SETTINGS =
      Set.of("group.consumer.session.timeout.ms", "group.consumer.heartbeat.interval.ms");

  private static final String GROUP_PREFIX = "group.";

  private final ClusterImages images;
  private final List<Setting<?>> nodeSettings;
  private final Map<String, String> file;

  /**
   * @param nodeSettings every setting of a node
   * @param file what is set in its file, environment or command line
   */
  public ConfigDescriptions(
      ClusterImages images, List<Setting<?>> nodeSettings, Map<String, String> file) {
    this.images = images;
    this.nodeSettings = List.copyOf(nodeSettings);
    this.file = Map.copyOf(file);
  }

  /** A topic's settings, by name. */
  List<DescribeConfigsResourceResult> ofTopic(TopicImage topic) {
    var defaults = defaults(images.current());
    var described = new ArrayList<DescribeConfigsResourceResult>();
    for (var setting : TopicSettings.all()) {
      described.add(entry(setting, defaults.lookup(setting, topic.configs()), false));
    }
    return described;
  }

  /**
   * This node's settings, by name: its own, and the defaults it gives topics.
   *
   * @param nodeId null for the dynamic defaults of all nodes, of which only what is set is shown
   */
  List<DescribeConfigsResourceResult> ofNode(@Nullable Integer nodeId) {
    var cluster = images.current();
    var described = new TreeMap<String, DescribeConfigsResourceResult>();
    if (nodeId == null) {
      cluster
          .clusterConfigs()
          .forEach((name, text) -> described.put(name, dynamic(name, text, ConfigSource.CLUSTER)));
      return List.copyOf(described.values());
    }
    for (var setting : nodeSettings) {
      described.put(setting.name(), entry(setting, ofFile(setting), true));
    }
    var defaults = defaults(cluster);
    for (var name : TopicDefaults.dynamicNodeSettings()) {
      var topicSetting = TopicDefaults.topicSettingOf(name);
      if (topicSetting != null) {
        described.put(
            name,
            entry(topicSetting, defaults.lookup(topicSetting, Map.of()), false).setName(name));
      }
    }
    return List.copyOf(described.values());
  }

  /** What holds for every group; none has settings of its own yet. */
  List<DescribeConfigsResourceResult> ofGroup() {
    return nodeSettings.stream()
        .filter(setting -> GROUP_SETTINGS.contains(setting.name()))
        .map(
            setting ->
                entry(setting, ofFile(setting), true)
                    .setName(setting.name().substring(GROUP_PREFIX.length())))
        .toList();
  }

  private TopicDefaults defaults(ClusterImage cluster) {
    return new TopicDefaults(cluster.nodeConfigs(cluster.nodeId()), cluster.clusterConfigs(), file);
  }

  private List<SourcedValue> ofFile(Setting<?> setting) {
    var values = new ArrayList<SourcedValue>();
    var text = file.get(setting.name());
    if (text != null) {
      values.add(new SourcedValue(setting.name(), text, ConfigSource.FILE));
    }
    values.add(new SourcedValue(setting.name(), setting.defaultText(), ConfigSource.DEFAULT));
    return values;
  }

  private static DescribeConfigsResourceResult entry(
      Setting<?> setting, List<SourcedValue> values, boolean readOnly) {
    var holds = values.getFirst();
    return new DescribeConfigsResourceResult()
        .setName(setting.name())
        .setValue(shown(setting, holds))
        .setReadOnly(readOnly)
        .setIsSensitive(setting.isSecret())
        .setConfigSource(source(holds.source()))
        .setConfigType(type(setting.type()))
        .setDocumentation(setting.purpose())
        .setSynonyms(
            values.stream()
                .map(
                    value ->
                        new DescribeConfigsSynonym()
                            .setName(value.name())
                            .setValue(shown(setting, value))
                            .setSource(source(value.source())))
                .toList());
  }

  /** As Kafka: that a secret is set can be seen, what it is cannot. */
  private static @Nullable String shown(Setting<?> setting, SourcedValue value) {
    return setting.isSecret() ? null : value.value();
  }

  private static DescribeConfigsResourceResult dynamic(
      String name, String text, ConfigSource source) {
    var setting = TopicDefaults.topicSettingOf(name);
    return new DescribeConfigsResourceResult()
        .setName(name)
        .setValue(text)
        .setConfigSource(source(source))
        .setConfigType(
            setting == null ? DescribeConfigsResponse.ConfigType.STRING.id() : type(setting.type()))
        .setSynonyms(List.of());
  }

  private static byte source(ConfigSource source) {
    return switch (source) {
      case TOPIC -> DescribeConfigsResponse.ConfigSource.TOPIC_CONFIG.id();
      case NODE -> DescribeConfigsResponse.ConfigSource.DYNAMIC_BROKER_CONFIG.id();
      case CLUSTER -> DescribeConfigsResponse.ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG.id();
      case FILE -> DescribeConfigsResponse.ConfigSource.STATIC_BROKER_CONFIG.id();
      case DEFAULT -> DescribeConfigsResponse.ConfigSource.DEFAULT_CONFIG.id();
    };
  }

  private static byte type(Setting.Type type) {
    return DescribeConfigsResponse.ConfigType.valueOf(type.name()).id();
  }
}
