package io.tidelog.metadata.image;

import io.tidelog.core.LogId;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.api.NodeImage;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PSet;

/**
 * The picture itself: persistent maps, so that the next one shares all that did not change.
 *
 * @param nodeId the node it is seen from, whose dynamic settings its topics inherit
 * @param lookalikes names that differ only in dots and underscores, by what they become when each
 *     dot is an underscore
 * @param configRevisions when each of {@code configsByKey} was put
 * @param members who is there and who leads what
 * @param partitionsByLog how many partitions are at home in each log that has any
 * @param partitionTotal partitions of all topics
 * @param moving names of the topics of which partitions move
 */
public record ClusterView(
    String clusterId,
    int nodeId,
    long revision,
    TopicDefaults topicDefaults,
    ClusterMembers members,
    HashPMap<String, TopicImage> topicsByName,
    HashPMap<UUID, TopicImage> topicsById,
    HashPMap<String, PSet<String>> lookalikes,
    HashPMap<String, Map<String, String>> configsByKey,
    HashPMap<String, Long> configRevisions,
    HashPMap<LogId, Integer> partitionsByLog,
    long partitionTotal,
    PSet<String> moving)
    implements ClusterImage {

  /** The cluster before anything is known of it. */
  public static ClusterView empty(int nodeId, TopicDefaults file) {
    return new ClusterView(
        "",
        nodeId,
        0,
        file,
        ClusterMembers.NOBODY,
        HashTreePMap.empty(),
        HashTreePMap.empty(),
        HashTreePMap.empty(),
        HashTreePMap.empty(),
        HashTreePMap.empty(),
        HashTreePMap.empty(),
        0,
        HashTreePSet.empty());
  }

  /** This picture after one change. */
  public ClusterView after(WatchEvent event) {
    var key = event.key();
    var entry = event instanceof WatchEvent.Put put ? put.entry() : null;
    if (key.startsWith(Keys.TOPICS)) {
      return withTopic(key.substring(Keys.TOPICS.length()), entry);
    }
    if (key.startsWith(Keys.NODE_CONFIGS)) {
      return entry == null
          ? withConfigs(configsByKey.minus(key), configRevisions.minus(key))
          : withConfigs(
              configsByKey.plus(key, StoredValues.configs(entry)),
              configRevisions.plus(key, entry.modRevision()));
    }
    if (key.equals(Keys.CLUSTER) && entry != null) {
      return withClusterId(StoredValues.cluster(entry).clusterId());
    }
    return withMembers(members.after(event));
  }

  /** This picture, known to hold at a later revision. */
  public ClusterView atRevision(long newRevision) {
    return new ClusterView(
        clusterId,
        nodeId,
        newRevision,
        topicDefaults,
        members,
        topicsByName,
        topicsById,
        lookalikes,
        configsByKey,
        configRevisions,
        partitionsByLog,
        partitionTotal,
        moving);
  }

  @Override
  public int controllerId() {
    var seat = members.controller();
    return seat == null ? NO_CONTROLLER : seat.holder().nodeId();
  }

  @Override
  public Collection<NodeImage> nodes() {
    return members.gateways().values();
  }

  @Override
  public @Nullable NodeImage node(int id) {
    return members.gateways().get(id);
  }

  @Override
  public Collection<NodeRegistration> registrations() {
    return members.registrations().values();
  }

  @Override
  public @Nullable NodeRegistration registration(int id) {
    return members.registrations().get(id);
  }

  @Override
  public Collection<LogRecord> logs() {
    return members.logs().values();
  }

  @Override
  public @Nullable LogRecord log(LogId id) {
    return members.logs().get(id);
  }

  @Override
  public @Nullable TopicImage topic(String name) {
    return topicsByName.get(name);
  }

  @Override
  public @Nullable TopicImage topic(UUID id) {
    return topicsById.get(id);
  }

  @Override
  public Collection<TopicImage> topics() {
    return topicsByName.values();
  }

  @Override
  public Map<String, String> clusterConfigs() {
    return configsByKey.getOrDefault(Keys.ALL_NODE_CONFIGS, Map.of());
  }

  @Override
  public Map<String, String> nodeConfigs(int id) {
    return configsByKey.getOrDefault(Keys.nodeConfigs(id), Map.of());
  }

  /** Another topic whose metrics could not be told from this one's, or null. */
  public @Nullable String lookalikeOf(String name) {
    Set<String> names = lookalikes.getOrDefault(withoutDots(name), HashTreePSet.empty());
    return names.stream().filter(other -> !other.equals(name)).findFirst().orElse(null);
  }

  /** What {@link #lookalikes} are gathered under. */
  public static String withoutDots(String name) {
    return name.replace('.', '_');
  }

  private static boolean mayHaveLookalikes(String name) {
    return name.indexOf('.') >= 0 || name.indexOf('_') >= 0;
  }

  private ClusterView withTopic(String name, @Nullable Entry entry) {
    var old = topicsByName.get(name);
    var byId = old == null ? topicsById : topicsById.minus(old.id());
    var group = withoutDots(name);
    boolean named = mayHaveLookalikes(name);
    var alike = lookalikes.getOrDefault(group, HashTreePSet.empty());
    long total = partitionTotal - (old == null ? 0 : old.partitionCount());
    var perLog = old == null ? partitionsByLog : counted(partitionsByLog, old, -1);
    if (entry == null) {
      alike = alike.minus(name);
      return withTopics(
          topicsByName.minus(name),
          byId,
          alike.isEmpty() ? lookalikes.minus(group) : lookalikes.plus(group, alike),
          perLog,
          total,
          moving.minus(name));
    }
    var topic = StoredValues.topic(entry, topicDefaults);
    boolean moves = !topic.homes().moves().isEmpty();
    return withTopics(
        topicsByName.plus(name, topic),
        byId.plus(topic.id(), topic),
        named ? lookalikes.plus(group, alike.plus(name)) : lookalikes,
        counted(perLog, topic, 1),
        total + topic.partitionCount(),
        moves ? moving.plus(name) : moving.minus(name));
  }

  private static HashPMap<LogId, Integer> counted(
      HashPMap<LogId, Integer> counts, TopicImage topic, int sign) {
    var next = counts;
    for (var run : topic.homes().runs()) {
      int count = next.getOrDefault(run.log(), 0) + sign * run.count();
      next = count == 0 ? next.minus(run.log()) : next.plus(run.log(), count);
    }
    return next;
  }

  /** Dynamic settings changed: what every topic inherits changes with them. */
  private ClusterView withConfigs(
      HashPMap<String, Map<String, String>> configs, HashPMap<String, Long> revisions) {
    var defaults =
        new TopicDefaults(
            configs.getOrDefault(Keys.nodeConfigs(nodeId), Map.of()),
            configs.getOrDefault(Keys.ALL_NODE_CONFIGS, Map.of()),
            topicDefaults.file());
    var byName = topicsByName;
    var byId = topicsById;
    for (var old : topicsByName.values()) {
      var topic =
          new TopicImage(
              old.name(),
              old.id(),
              old.configs(),
              old.internal(),
              old.homes(),
              defaults.effective(old.configs()),
              old.modRevision());
      byName = byName.plus(topic.name(), topic);
      byId = byId.plus(topic.id(), topic);
    }
    return new ClusterView(
        clusterId,
        nodeId,
        revision,
        defaults,
        members,
        byName,
        byId,
        lookalikes,
        configs,
        revisions,
        partitionsByLog,
        partitionTotal,
        moving);
  }

  private ClusterView withTopics(
      HashPMap<String, TopicImage> byName,
      HashPMap<UUID, TopicImage> byId,
      HashPMap<String, PSet<String>> alike,
      HashPMap<LogId, Integer> perLog,
      long total,
      PSet<String> nextMoving) {
    return new ClusterView(
        clusterId,
        nodeId,
        revision,
        topicDefaults,
        members,
        byName,
        byId,
        alike,
        configsByKey,
        configRevisions,
        perLog,
        total,
        nextMoving);
  }

  private ClusterView withMembers(ClusterMembers nextMembers) {
    return new ClusterView(
        clusterId,
        nodeId,
        revision,
        topicDefaults,
        nextMembers,
        topicsByName,
        topicsById,
        lookalikes,
        configsByKey,
        configRevisions,
        partitionsByLog,
        partitionTotal,
        moving);
  }

  private ClusterView withClusterId(String id) {
    return new ClusterView(
        id,
        nodeId,
        revision,
        topicDefaults,
        members,
        topicsByName,
        topicsById,
        lookalikes,
        configsByKey,
        configRevisions,
        partitionsByLog,
        partitionTotal,
        moving);
  }
}
