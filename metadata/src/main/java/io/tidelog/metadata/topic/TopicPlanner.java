package io.tidelog.metadata.topic;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.core.config.Setting;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.InternalTopics;
import io.tidelog.metadata.api.KafkaUuid;
import io.tidelog.metadata.api.MorePartitions;
import io.tidelog.metadata.api.NewTopic;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.TopicSettings;
import io.tidelog.metadata.image.ClusterView;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Decides what a topic is to become, or refuses it as Kafka does; memory only. New partitions live
 * in the one log given.
 */
public final class TopicPlanner {

  private final TopicLimits limits;
  private final ReplicaPlanner replicas;
  private final LogId home;
  private final Function<String, Optional<Long>> delayOfName;
  private final RandomGenerator random;

  /**
   * @param delayOfName the delay in ms that a topic's name asks for
   */
  public TopicPlanner(
      TopicLimits limits,
      LogId home,
      Function<String, Optional<Long>> delayOfName,
      RandomGenerator random) {
    this.limits = limits;
    this.replicas = new ReplicaPlanner(limits);
    this.home = home;
    this.delayOfName = delayOfName;
    this.random = random;
  }

  /**
   * @param underWay partitions being created that the picture does not show yet
   */
  TopicImage planCreate(ClusterView cluster, NewTopic topic, int underWay) {
    var name = topic.name();
    if (name.equals(InternalTopics.CLUSTER_METADATA)) {
      throw refused(
          Refusal.INVALID_REQUEST, "Creation of internal topic " + name + " is prohibited.");
    }
    TopicNames.check(name);
    var lookalike = cluster.lookalikeOf(name);
    if (lookalike != null) {
      throw collision(name, lookalike);
    }
    if (cluster.topic(name) != null) {
      throw refused(Refusal.TOPIC_ALREADY_EXISTS, "Topic '" + name + "' already exists.");
    }
    var configs = withDelay(name, topic.configs());
    cluster.topicDefaults().check(configs);
    int count = replicas.decidePartitionCount(cluster, topic);
    checkLimits(cluster, count, count + underWay);
    return new TopicImage(
        name,
        KafkaUuid.random(random),
        configs,
        InternalTopics.isInternal(name),
        PartitionHomes.inOneLog(count, home),
        cluster.topicDefaults().effective(configs),
        0);
  }

  TopicImage planMorePartitions(ClusterView cluster, MorePartitions request) {
    var topic = topicOrThrow(cluster, request.topic());
    int present = topic.partitionCount();
    if (request.total() == present) {
      throw refused(Refusal.INVALID_PARTITIONS, "Topic already has " + present + " partition(s).");
    }
    if (request.total() < present) {
      throw refused(
          Refusal.INVALID_PARTITIONS,
          "The topic "
              + topic.name()
              + " currently has "
              + present
              + " partition(s); "
              + request.total()
              + " would not be an increase.");
    }
    int added = request.total() - present;
    if (request.assignments() != null) {
      replicas.checkAdded(cluster, added, request.assignments());
    }
    checkLimits(cluster, request.total(), added);
    return new TopicImage(
        topic.name(),
        topic.id(),
        topic.configs(),
        topic.internal(),
        topic.homes().append(PartitionHomes.inOneLog(added, home)),
        topic.effective(),
        topic.modRevision());
  }

  /** Replacing all settings keeps the delay the name gave, which was decided once for all. */
  TopicImage planConfigs(ClusterView cluster, String name, ConfigUpdate update) {
    var topic = topicOrThrow(cluster, name);
    var defaults = cluster.topicDefaults();
    var configs =
        new HashMap<>(
            ConfigPlanner.plan(
                topic.configs(),
                update,
                TopicSettings::findOrThrow,
                setting -> defaults.text(setting, Map.of())));
    var delay = topic.configs().get(TopicSettings.DELAY_MS.name());
    if (update instanceof ConfigUpdate.Replace && delay != null) {
      configs.putIfAbsent(TopicSettings.DELAY_MS.name(), delay);
    }
    defaults.check(configs);
    return new TopicImage(
        topic.name(),
        topic.id(),
        configs,
        topic.internal(),
        topic.homes(),
        defaults.effective(configs),
        topic.modRevision());
  }

  Map<String, String> planNodeConfigs(ClusterView cluster, int nodeId, ConfigUpdate update) {
    boolean all = nodeId == TopicAdmin.ALL_NODES;
    if (!all && cluster.node(nodeId) == null) {
      throw refused(
          Refusal.INVALID_REQUEST, "Unexpected broker id, no such broker is registered: " + nodeId);
    }
    var current = all ? cluster.clusterConfigs() : cluster.nodeConfigs(nodeId);
    var defaults = cluster.topicDefaults();
    try {
      var configs =
          ConfigPlanner.plan(
              current,
              update,
              TopicPlanner::dynamicOrThrow,
              setting -> defaults.text(setting, Map.of()));
      configs.forEach((name, text) -> dynamicOrThrow(name).parse(text));
      return configs;
    } catch (Fault.Refused e) {
      throw refused(Refusal.INVALID_REQUEST, String.valueOf(e.getMessage()));
    }
  }

  static TopicImage topicOrThrow(ClusterView cluster, String name) {
    var topic = cluster.topic(name);
    if (topic == null) {
      throw refused(Refusal.UNKNOWN_TOPIC_OR_PARTITION, "The topic '" + name + "' does not exist.");
    }
    return topic;
  }

  static Fault.Refused collision(String name, String lookalike) {
    return refused(
        Refusal.INVALID_TOPIC_EXCEPTION,
        "Topic '" + name + "' collides with existing topic: " + lookalike);
  }

  private Map<String, String> withDelay(String name, Map<String, String> configs) {
    var delay = delayOfName.apply(name);
    if (configs.containsKey(TopicSettings.DELAY_MS.name()) || delay.isEmpty()) {
      return configs;
    }
    var delayed = new HashMap<>(configs);
    delayed.put(TopicSettings.DELAY_MS.name(), Long.toString(delay.get()));
    return delayed;
  }

  private void checkLimits(ClusterView cluster, int total, int added) {
    if (total > limits.maxTopicPartitions()) {
      throw refused(
          Refusal.POLICY_VIOLATION,
          "A topic of "
              + total
              + " partitions is over tidelog.topic.max.partitions="
              + limits.maxTopicPartitions());
    }
    if (cluster.partitionTotal() + added > limits.maxPartitions()) {
      throw refused(
          Refusal.POLICY_VIOLATION,
          "The cluster has "
              + cluster.partitionTotal()
              + " partitions; "
              + added
              + " more are over tidelog.max.partitions="
              + limits.maxPartitions());
    }
  }

  private static Setting<?> dynamicOrThrow(String name) {
    var setting = TopicDefaults.topicSettingOf(name);
    if (setting == null) {
      throw refused(
          Refusal.INVALID_REQUEST, "Cannot update these configs dynamically: Set(" + name + ")");
    }
    return setting;
  }

  private static Fault.Refused refused(Refusal refusal, String message) {
    return new Fault.Refused(refusal, message);
  }
}
