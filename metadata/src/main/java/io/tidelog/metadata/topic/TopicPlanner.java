package io.tidelog.metadata.topic;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.config.Setting;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.InternalTopics;
import io.tidelog.metadata.api.KafkaUuid;
import io.tidelog.metadata.api.MorePartitions;
import io.tidelog.metadata.api.NewTopic;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.TopicSettings;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.placement.LogClass;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Decides what a topic is to become, or refuses it as Kafka does; memory only. Where its partitions
 * live is {@link LogChooser}'s.
 */
public final class TopicPlanner {

  private final TopicLimits limits;
  private final ReplicaPlanner replicas;
  private final LogChooser logs;
  private final Function<String, Optional<Long>> delayOfName;
  private final RandomGenerator random;

  /**
   * @param delayOfName the delay in ms that a topic's name asks for
   */
  public TopicPlanner(
      TopicLimits limits, Function<String, Optional<Long>> delayOfName, RandomGenerator random) {
    this.limits = limits;
    this.replicas = new ReplicaPlanner(limits);
    this.logs = new LogChooser(limits.logsPerNode(), random);
    this.delayOfName = delayOfName;
    this.random = random;
  }

  /**
   * @param underWay partitions being created that the picture does not show yet
   */
  PlannedTopic planCreate(ClusterView cluster, NewTopic topic, PartitionsUnderWay underWay) {
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
    var shape = replicas.decideShape(cluster, topic);
    int count = shape.partitions();
    checkLimits(cluster, count, count + underWay.total());
    var effective = cluster.topicDefaults().effective(configs);
    var logClass = LogClass.of(shape.replicas(), effective.minInSyncReplicas());
    var assignments = topic.assignments();
    var choice =
        assignments == null || assignments.isEmpty()
            ? logs.choose(cluster, logClass, count, List.of(), underWay)
            : logs.chooseAssigned(
                cluster, logClass, List.copyOf(new TreeMap<>(assignments).values()), underWay);
    var image =
        new TopicImage(
            name,
            KafkaUuid.random(random),
            configs,
            InternalTopics.isInternal(name),
            choice.homes(),
            effective,
            0);
    return new PlannedTopic(image, choice.newLogs());
  }

  TopicImage planMorePartitions(
      ClusterView cluster, MorePartitions request, PartitionsUnderWay underWay) {
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
    var logClass = LogChooser.classOf(cluster, topic);
    var assignments = request.assignments();
    if (assignments != null) {
      replicas.checkAdded(cluster, added, logClass.replicas(), assignments);
    }
    checkLimits(cluster, request.total(), added);
    var more =
        assignments == null
            ? logs.choose(cluster, logClass, added, topic.homes().runs(), underWay)
            : logs.chooseAssigned(cluster, logClass, assignments, underWay);
    return new TopicImage(
        topic.name(),
        topic.id(),
        topic.configs(),
        topic.internal(),
        topic.homes().append(more.homes()),
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
    if (!all && cluster.registration(nodeId) == null) {
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
