package io.tidelog.gateway.net;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.core.log.TimeRequest;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MorePartitions;
import io.tidelog.metadata.api.NewTopic;
import io.tidelog.metadata.api.NodeImage;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.api.TopicConfig;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One node with topics that have no records; every change is done inside its call. */
final class InMemoryCluster implements ClusterImages, ClusterImage, TopicAdmin, LogReader {

  static final String CLUSTER_ID = "AAAAAAAAAAAAAAAAAAAAAQ";
  static final int NODE_ID = 1;

  private static final PartitionConfig PARTITION_CONFIG =
      new PartitionConfig(-1, -1, -2, -2, false, true, 0, -1);
  private static final LogId LOG = new LogId(new UUID(0, 1));

  private static final ReplicaId ONLY_REPLICA = new ReplicaId(NODE_ID, new UUID(0, 2));
  private static final LogRecord RECORD =
      new LogRecord(LOG, List.of(NODE_ID), 1, List.of(ONLY_REPLICA), List.of(), NODE_ID, 1, 1);

  private final Map<String, TopicImage> topics = new ConcurrentHashMap<>();
  private volatile int port;

  void onListening(int boundPort) {
    port = boundPort;
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
    return CLUSTER_ID;
  }

  @Override
  public int nodeId() {
    return NODE_ID;
  }

  @Override
  public Collection<NodeRegistration> registrations() {
    var at = new Endpoint("localhost", port);
    return List.of(
        new NodeRegistration(
            NODE_ID,
            Set.of(NodeRole.values()),
            at,
            at,
            null,
            null,
            new UUID(0, 1),
            ONLY_REPLICA.diskId(),
            false));
  }

  @Override
  public @Nullable NodeRegistration registration(int id) {
    return id == NODE_ID ? registrations().iterator().next() : null;
  }

  @Override
  public Collection<LogRecord> logs() {
    return List.of(RECORD);
  }

  @Override
  public @Nullable LogRecord log(LogId id) {
    return id.equals(LOG) ? RECORD : null;
  }

  @Override
  public int controllerId() {
    return NODE_ID;
  }

  @Override
  public Collection<NodeImage> nodes() {
    return List.of(new NodeImage(NODE_ID, "localhost", port, null));
  }

  @Override
  public @Nullable NodeImage node(int id) {
    return id == NODE_ID ? nodes().iterator().next() : null;
  }

  @Override
  public @Nullable TopicImage topic(String name) {
    return topics.get(name);
  }

  @Override
  public @Nullable TopicImage topic(UUID id) {
    return topics.values().stream().filter(t -> t.id().equals(id)).findAny().orElse(null);
  }

  @Override
  public Collection<TopicImage> topics() {
    return topics.values();
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
    return new TopicDefaults(Map.of(), Map.of(), Map.of());
  }

  @Override
  public long revision() {
    return 1;
  }

  @Override
  public CompletionStage<TopicImage> create(NewTopic topic, boolean validateOnly) {
    var image =
        new TopicImage(
            topic.name(),
            UUID.nameUUIDFromBytes(topic.name().getBytes(java.nio.charset.StandardCharsets.UTF_8)),
            topic.configs(),
            false,
            PartitionHomes.inOneLog(Math.max(1, topic.partitions()), LOG),
            new TopicConfig(1_048_588, false, 0, 0, "producer", 1, PARTITION_CONFIG),
            1);
    if (!validateOnly && topics.putIfAbsent(topic.name(), image) != null) {
      return CompletableFuture.failedStage(
          new Fault.Refused(Refusal.TOPIC_ALREADY_EXISTS, topic.name()));
    }
    return CompletableFuture.completedStage(image);
  }

  @Override
  public CompletionStage<Void> delete(UUID topicId) {
    topics.values().removeIf(topic -> topic.id().equals(topicId));
    return CompletableFuture.completedStage(null);
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
  public PartitionSnapshot snapshot(PartitionId partition) {
    return new PartitionSnapshot(partition, PARTITION_CONFIG, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0);
  }

  @Override
  public void read(ReadRequest request, ReadCompletion completion) {
    completion.onCompleted(new ReadResult.UnknownPartition());
  }

  @Override
  public void findByTime(TimeRequest request, ReadCompletion completion) {
    completion.onCompleted(new ReadResult.UnknownPartition());
  }

  @Override
  public EpochEnd endOfEpoch(PartitionId partition, int leaderEpoch) {
    return EpochEnd.NONE;
  }

  @Override
  public void onAdvance(AdvanceListener listener) {}
}
