package io.tidelog.gateway.fake;

import io.tidelog.core.LogId;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.NodeImage;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.TopicConfig;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A cluster of one node whose topics a test names. */
public final class FixedImages implements ClusterImages, ClusterImage {

  public static final PartitionConfig PLAIN =
      new PartitionConfig(-1, -1, -2, -2, false, true, 0, -1);

  public static final TopicConfig DEFAULTS =
      new TopicConfig(1_048_588, false, Long.MAX_VALUE, 3_600_000, "producer", 1, PLAIN);

  private static final LogId HOME = new LogId(new UUID(1, 1));

  private final Map<String, TopicImage> topics = new LinkedHashMap<>();
  private @Nullable LogRecord home;

  public TopicImage add(String name, int partitions) {
    return add(name, partitions, DEFAULTS);
  }

  public TopicImage add(String name, int partitions, TopicConfig config) {
    return add(name, partitions, config, Map.of());
  }

  public TopicImage add(String name, int partitions, TopicConfig config, Map<String, String> own) {
    var topic =
        new TopicImage(
            name,
            UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)),
            own,
            name.startsWith("__"),
            PartitionHomes.inOneLog(partitions, HOME),
            config,
            1);
    topics.put(name, topic);
    return topic;
  }

  /** All topics are in a log of two nodes, with so many of them in sync, led by {@code leader}. */
  public void showHome(int leader, int inSync) {
    var members = Stream.of(1, 2).limit(inSync).map(id -> new ReplicaId(id, new UUID(0, id)));
    home = new LogRecord(HOME, List.of(1, 2), 2, members.toList(), List.of(), leader, 3, 5);
  }

  @Override
  public ClusterImage current() {
    return this;
  }

  @Override
  public void onChange(Consumer<ClusterImage> listener) {
    listener.accept(this);
  }

  @Override
  public String clusterId() {
    return "AAAAAAAAAAAAAAAAAAAAAA";
  }

  @Override
  public int nodeId() {
    return 1;
  }

  @Override
  public Collection<NodeRegistration> registrations() {
    return List.of();
  }

  @Override
  public @Nullable NodeRegistration registration(int id) {
    return null;
  }

  @Override
  public Collection<LogRecord> logs() {
    return home == null ? List.of() : List.of(home);
  }

  @Override
  public @Nullable LogRecord log(LogId id) {
    return id.equals(HOME) ? home : null;
  }

  @Override
  public int controllerId() {
    return 1;
  }

  @Override
  public Collection<NodeImage> nodes() {
    return List.of(new NodeImage(1, "localhost", 9092, null));
  }

  @Override
  public @Nullable NodeImage node(int id) {
    return id == 1 ? nodes().iterator().next() : null;
  }

  @Override
  public @Nullable TopicImage topic(String name) {
    return topics.get(name);
  }

  @Override
  public @Nullable TopicImage topic(UUID id) {
    return topics.values().stream().filter(topic -> topic.id().equals(id)).findFirst().orElse(null);
  }

  @Override
  public Collection<TopicImage> topics() {
    return topics.values();
  }

  @Override
  public TopicDefaults topicDefaults() {
    return TopicDefaults.of(Map.of());
  }

  @Override
  public Map<String, String> clusterConfigs() {
    return Map.of();
  }

  @Override
  public Map<String, String> nodeConfigs(int nodeId) {
    return Map.of();
  }

  @Override
  public long revision() {
    return 1;
  }
}
