package io.tidelog.gateway.net;

import io.netty.channel.DefaultEventLoop;
import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.gateway.fake.FixedImages;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MorePartitions;
import io.tidelog.metadata.api.NewTopic;
import io.tidelog.metadata.api.NodeImage;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a cluster agreed on, as each of its nodes is shown it; changes reach all nodes at once. Each
 * partition of a topic lives in a log of its own.
 */
final class ClusterPicture implements TopicAdmin, AutoCloseable {

  static final String CLUSTER_ID = "AAAAAAAAAAAAAAAAAAAAAQ";

  private final DefaultEventLoop lane = new DefaultEventLoop();
  private final List<Seen> views = new CopyOnWriteArrayList<>();
  private volatile Content content = new Content(Map.of(), Map.of(), Map.of(), 1);

  /** One revision. */
  private record Content(
      Map<Integer, NodeRegistration> nodes,
      Map<LogId, LogRecord> logs,
      Map<String, TopicImage> topics,
      long revision) {}

  /** The pictures that a node gets. */
  ClusterImages seenFrom(int node) {
    var seen = new Seen(node);
    views.add(seen);
    return seen;
  }

  void add(NodeRegistration node) {
    change(
        now -> new Content(with(now.nodes, node.id(), node), now.logs, now.topics, now.revision));
  }

  void remove(int node) {
    change(
        now -> {
          var left = new TreeMap<>(now.nodes);
          left.remove(node);
          return new Content(left, now.logs, now.topics, now.revision);
        });
  }

  static LogId log(String topic, int partition) {
    return new LogId(
        UUID.nameUUIDFromBytes((topic + "/" + partition).getBytes(StandardCharsets.UTF_8)));
  }

  /** A topic whose partitions these nodes lead, one each. */
  TopicImage addTopic(String name, int... leaders) {
    var homes = new ArrayList<PartitionHomes.Run>();
    for (int i = 0; i < leaders.length; i++) {
      homes.add(new PartitionHomes.Run(1, log(name, i), 0));
    }
    var topic =
        new TopicImage(
            name,
            UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)),
            Map.of(),
            name.startsWith("__"),
            new PartitionHomes(homes),
            FixedImages.DEFAULTS,
            1);
    change(
        now -> {
          var logs = new java.util.HashMap<>(now.logs);
          for (int i = 0; i < leaders.length; i++) {
            var id = log(name, i);
            logs.put(id, record(id, leaders[i], 1));
          }
          return new Content(now.nodes, logs, with(now.topics, name, topic), now.revision);
        });
    return topic;
  }

  /** Shows that this node leads, in the next term. */
  void lead(String topic, int partition, int node) {
    change(
        now -> {
          var id = log(topic, partition);
          var before = now.logs.get(id);
          return new Content(
              now.nodes,
              with(now.logs, id, record(id, node, before == null ? 1 : before.term() + 1)),
              now.topics,
              now.revision);
        });
  }

  private static LogRecord record(LogId id, int leader, long term) {
    int holder = Math.max(leader, 0);
    return new LogRecord(
        id,
        List.of(holder),
        1,
        List.of(new ReplicaId(holder, new UUID(0, holder))),
        List.of(),
        leader,
        term,
        1);
  }

  private static <K, V> Map<K, V> with(Map<K, V> map, K key, V value) {
    var more = new java.util.LinkedHashMap<>(map);
    more.put(key, value);
    return more;
  }

  private void change(UnaryOperator<Content> how) {
    lane.submit(
            () -> {
              var next = how.apply(content);
              content = new Content(next.nodes, next.logs, next.topics, next.revision + 1);
              views.forEach(Seen::tell);
            })
        .syncUninterruptibly();
  }

  @Override
  public CompletionStage<TopicImage> create(NewTopic topic, boolean validateOnly) {
    return CompletableFuture.failedStage(
        new Fault.Refused(Refusal.POLICY_VIOLATION, "tests name their topics"));
  }

  @Override
  public CompletionStage<Void> delete(UUID topicId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<TopicImage> addPartitions(MorePartitions request, boolean validateOnly) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<TopicImage> alterConfigs(
      String name, ConfigUpdate update, boolean validateOnly) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Map<String, String>> alterNodeConfigs(
      int nodeId, ConfigUpdate update, boolean validateOnly) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    var unused = lane.shutdownGracefully();
  }

  private final class Seen implements ClusterImages {

    private final int node;
    private final List<Consumer<ClusterImage>> listeners = new CopyOnWriteArrayList<>();

    private Seen(int node) {
      this.node = node;
    }

    @Override
    public ClusterImage current() {
      return new Picture(content, node);
    }

    @Override
    public void onChange(Consumer<ClusterImage> listener) {
      lane.submit(
              () -> {
                listeners.add(listener);
                listener.accept(current());
              })
          .syncUninterruptibly();
    }

    private void tell() {
      listeners.forEach(listener -> listener.accept(current()));
    }
  }

  private record Picture(Content content, int nodeId) implements ClusterImage {

    @Override
    public String clusterId() {
      return CLUSTER_ID;
    }

    @Override
    public int controllerId() {
      return content.nodes.values().stream()
          .filter(NodeRegistration::isHot)
          .mapToInt(NodeRegistration::id)
          .min()
          .orElse(NO_CONTROLLER);
    }

    @Override
    public Collection<NodeImage> nodes() {
      return content.nodes.values().stream()
          .filter(node -> node.client() != null)
          .map(Picture::image)
          .toList();
    }

    @Override
    public @Nullable NodeImage node(int id) {
      var node = content.nodes.get(id);
      return node == null || node.client() == null ? null : image(node);
    }

    private static NodeImage image(NodeRegistration node) {
      return new NodeImage(node.id(), node.client().host(), node.client().port(), node.rack());
    }

    @Override
    public Collection<NodeRegistration> registrations() {
      return content.nodes.values();
    }

    @Override
    public @Nullable NodeRegistration registration(int id) {
      return content.nodes.get(id);
    }

    @Override
    public Collection<LogRecord> logs() {
      return content.logs.values();
    }

    @Override
    public @Nullable LogRecord log(LogId id) {
      return content.logs.get(id);
    }

    @Override
    public @Nullable TopicImage topic(String name) {
      return content.topics.get(name);
    }

    @Override
    public @Nullable TopicImage topic(UUID id) {
      return content.topics.values().stream()
          .filter(topic -> topic.id().equals(id))
          .findAny()
          .orElse(null);
    }

    @Override
    public Collection<TopicImage> topics() {
      return content.topics.values();
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
    public TopicDefaults topicDefaults() {
      return TopicDefaults.of(Map.of());
    }

    @Override
    public long revision() {
      return content.revision;
    }
  }
}
