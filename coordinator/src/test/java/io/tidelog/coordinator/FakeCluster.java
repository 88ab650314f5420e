package io.tidelog.coordinator;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.LedLogs;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSpec;
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
import io.tidelog.metadata.api.TopicConfig;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A cluster of one node whose topics live in a {@link FakeLog}. */
final class FakeCluster implements ClusterImages, TopicAdmin {

  private static final PartitionConfig PARTITION =
      new PartitionConfig(-1, -1, -2, -2, true, false, 0, -1);
  private static final TopicConfig CONFIG =
      new TopicConfig(1 << 20, false, Long.MAX_VALUE, Long.MAX_VALUE, "producer", 1, PARTITION);

  private final FakeLog log;
  private final LogId logId = new LogId(UUID.randomUUID());
  private final List<Consumer<ClusterImage>> listeners = new CopyOnWriteArrayList<>();
  private volatile Image current = new Image(Map.of(), 1);

  private final List<LedLogs.Listener> ledListeners = new CopyOnWriteArrayList<>();
  private volatile LedLog led;

  FakeCluster(FakeLog log) {
    this.log = log;
    led = new LedLog(logId, 1, 0, log);
  }

  /** The one log, which is led. */
  LedLogs led() {
    return new LedLogs() {
      @Override
      public Collection<LedLog> led() {
        return List.of(led);
      }

      @Override
      public void onChange(Listener listener) {
        ledListeners.add(listener);
      }
    };
  }

  /**
   * The log is led here again; whoever follows it finds the term before over and this one begun.
   */
  void lead(int term) {
    log.lead(term);
    announce(term);
  }

  /** The same, while the log shows its partitions as they were before. */
  void announce(int term) {
    long before = led.term();
    led = new LedLog(logId, term, 0, log);
    ledListeners.forEach(listener -> listener.onEnded(logId, before));
    ledListeners.forEach(listener -> listener.onBegan(led));
  }

  private record Image(Map<String, TopicImage> byName, long revision) implements ClusterImage {
    @Override
    public String clusterId() {
      return "tidelog-test-cluster-0";
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
      return List.of();
    }

    @Override
    public @Nullable LogRecord log(LogId id) {
      return null;
    }

    @Override
    public int controllerId() {
      return 1;
    }

    @Override
    public Collection<NodeImage> nodes() {
      return List.of(new NodeImage(1, "localhost", 9092, "rack-a"));
    }

    @Override
    public NodeImage node(int id) {
      return nodes().stream().filter(node -> node.id() == id).findFirst().orElse(null);
    }

    @Override
    public TopicImage topic(String name) {
      return byName.get(name);
    }

    @Override
    public TopicImage topic(UUID id) {
      return byName.values().stream().filter(t -> t.id().equals(id)).findFirst().orElse(null);
    }

    @Override
    public Collection<TopicImage> topics() {
      return byName.values();
    }

    @Override
    public TopicDefaults topicDefaults() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, String> clusterConfigs() {
      return Map.of();
    }

    @Override
    public Map<String, String> nodeConfigs(int nodeId) {
      return Map.of();
    }
  }

  @Override
  public ClusterImage current() {
    return current;
  }

  @Override
  public void onChange(Consumer<ClusterImage> listener) {
    listeners.add(listener);
    listener.accept(current);
  }

  TopicImage create(String name, int partitions) {
    return create(new NewTopic(name, partitions, NewTopic.DEFAULT, null, Map.of()), false)
        .toCompletableFuture()
        .join();
  }

  TopicImage require(String name) {
    var topic = current.topic(name);
    if (topic == null) {
      throw new IllegalStateException("no topic " + name);
    }
    return topic;
  }

  @Override
  public CompletionStage<TopicImage> create(NewTopic topic, boolean validateOnly) {
    if (current.topic(topic.name()) != null) {
      return CompletableFuture.failedFuture(
          new Fault.Refused(Refusal.TOPIC_ALREADY_EXISTS, topic.name()));
    }
    var image =
        new TopicImage(
            topic.name(),
            UUID.randomUUID(),
            topic.configs(),
            topic.name().startsWith("__"),
            PartitionHomes.inOneLog(topic.partitions(), logId),
            CONFIG,
            current.revision() + 1);
    return log.open(
            IntStream.range(0, topic.partitions())
                .mapToObj(index -> new PartitionSpec(image.partition(index), 0, PARTITION))
                .toList())
        .thenApply(
            nothing -> {
              put(image);
              return image;
            });
  }

  private void put(TopicImage topic) {
    var topics = new HashMap<>(current.byName());
    topics.put(topic.name(), topic);
    publish(new Image(topics, current.revision() + 1));
  }

  private void publish(Image image) {
    current = image;
    listeners.forEach(listener -> listener.accept(image));
  }

  void grow(String name, int total) {
    var topic = require(name);
    put(
        new TopicImage(
            name,
            topic.id(),
            topic.configs(),
            topic.internal(),
            PartitionHomes.inOneLog(total, logId),
            topic.effective(),
            current.revision() + 1));
  }

  @Override
  public CompletionStage<Void> delete(UUID topicId) {
    var topics = new HashMap<>(current.byName());
    topics.values().removeIf(topic -> topic.id().equals(topicId));
    publish(new Image(topics, current.revision() + 1));
    return CompletableFuture.completedFuture(null);
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
}
