package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.DefaultEventLoop;
import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.LedLogs;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.gateway.AdvertisedAddresses;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.GatewaySettings;
import io.tidelog.gateway.handler.AlterPartitionReassignmentsHandler;
import io.tidelog.gateway.handler.ApiVersionsHandler;
import io.tidelog.gateway.handler.ConfigDescriptions;
import io.tidelog.gateway.handler.CreateTopicsHandler;
import io.tidelog.gateway.handler.DescribeClusterHandler;
import io.tidelog.gateway.handler.DescribeConfigsHandler;
import io.tidelog.gateway.handler.DescribeLogDirsHandler;
import io.tidelog.gateway.handler.DescribeTopicPartitionsHandler;
import io.tidelog.gateway.handler.ElectLeadersHandler;
import io.tidelog.gateway.handler.IncrementalAlterConfigsHandler;
import io.tidelog.gateway.handler.ListPartitionReassignmentsHandler;
import io.tidelog.gateway.handler.MetadataHandler;
import io.tidelog.gateway.handler.UnregisterBrokerHandler;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.gateway.wire.RequestRouter;
import io.tidelog.metadata.ClusterMetadata;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.Handovers;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.node.NodeIds;
import io.tidelog.metadata.node.NodeWish;
import io.tidelog.metadata.store.embedded.EmbeddedMetadataStore;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterPartitionReassignmentsOptions;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.EligibleLeadersNotAvailableException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.NoReassignmentInProgressException;
import org.apache.kafka.common.errors.PreferredLeaderNotAvailableException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The calls that kafka-topics, kafka-reassign-partitions, kafka-leader-election and kafka-cluster
 * make, on four nodes whose replicas do at once what they should. All are reached at one gateway.
 */
class ClusterAdminTest {

  private static final int NODES = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final TopicPartition ORDERS = new TopicPartition("orders", 0);

  @TempDir private Path folder;

  private final List<ToolNode> nodes = new ArrayList<>();
  private MetadataStore store;
  private ClientListener listener;
  private String bootstrap;
  private Admin admin;

  @BeforeEach
  void start() throws Exception {
    int port = freePort();
    bootstrap = "localhost:" + port;
    store =
        EmbeddedMetadataStore.open(Files.createDirectories(folder.resolve("m")), new RealClock());
    for (int i = 1; i <= NODES; i++) {
      nodes.add(new ToolNode(i, port, Set.of(NodeRole.values())));
    }
    var settings = Map.of("listeners", "PLAINTEXT://" + bootstrap);
    var config = GatewayConfig.of(settings);
    listener =
        new ClientListener(
            config,
            new AdvertisedAddresses(config, "localhost"),
            router(nodes.getFirst(), settings),
            new RealClock());
    result(listener.start());
    admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap));
    await().atMost(PATIENCE).until(() -> image().registrations().size() == NODES);
  }

  @AfterEach
  void stop() throws Exception {
    admin.close();
    listener.close();
    for (var node : nodes) {
      node.metadata.close();
    }
    store.close();
    for (var node : nodes) {
      node.loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  @Test
  void topicsAreDescribedWithTheirReplicas() throws Exception {
    create("orders", 1);
    var replicas = replicas();
    assertThat(ids(described().isr())).containsExactlyElementsOf(replicas);
    assertThat(described().leader().id()).isEqualTo(replicas.getFirst());

    leave(replicas.getLast());

    assertThat(ids(described().replicas())).containsExactlyElementsOf(replicas);
    assertThat(described().elr()).isEmpty();
    assertThat(described().leader().id()).isEqualTo(replicas.getFirst());
  }

  @Test
  void aPartitionWithoutALiveLeaderHasNone() throws Exception {
    create("orders", 1);
    var replicas = replicas();
    leave(replicas.getFirst());

    assertThat(described().leader()).isNull();
    assertThat(elect(ElectionType.PREFERRED))
        .isInstanceOf(PreferredLeaderNotAvailableException.class);
    assertThat(elect(ElectionType.UNCLEAN))
        .isInstanceOf(EligibleLeadersNotAvailableException.class);
  }

  @Test
  void aPartitionIsReassignedAndItsPreferredLeaderElected() throws Exception {
    create("orders", 1);
    var before = replicas();
    var target = List.of(outsider(before), before.get(1), before.get(2));

    reassign(target);

    await()
        .atMost(PATIENCE)
        .until(() -> get(admin.listPartitionReassignments().reassignments()).isEmpty());
    await().atMost(PATIENCE).until(() -> ids(described().isr()).containsAll(target));
    assertThat(ids(described().replicas())).containsExactlyElementsOf(target);
    assertThat(ids(described().isr())).doesNotContain(before.getFirst());

    int last = before.get(2);
    reassign(List.of(last, target.get(0), target.get(1)));
    assertThat(elect(ElectionType.PREFERRED)).isNull();
    assertThat(described().leader().id()).isEqualTo(last);
    assertThat(elect(ElectionType.PREFERRED)).isInstanceOf(ElectionNotNeededException.class);
    assertThat(elect(ElectionType.UNCLEAN)).isInstanceOf(ElectionNotNeededException.class);
    assertThat(get(admin.electLeaders(ElectionType.PREFERRED, null).partitions())).isEmpty();
  }

  @Test
  void aReassignmentToANodeThatIsNotThereIsListedAndTakenBack() throws Exception {
    create("orders", 1);
    var before = replicas();
    int absent = outsider(before);
    leave(absent);

    reassign(List.of(before.get(0), before.get(1), absent));

    var underWay = get(admin.listPartitionReassignments().reassignments()).get(ORDERS);
    assertThat(underWay.replicas())
        .containsExactly(before.get(0), before.get(1), absent, before.get(2));
    assertThat(underWay.addingReplicas()).containsExactly(absent);
    assertThat(underWay.removingReplicas()).containsExactly(before.get(2));
    assertThat(ids(described().isr())).containsExactlyInAnyOrderElementsOf(before);
    get(admin.alterPartitionReassignments(Map.of(ORDERS, Optional.empty())).all());
    assertThat(get(admin.listPartitionReassignments().reassignments())).isEmpty();
    assertThat(replicas()).isEqualTo(before);
    assertThatThrownBy(
            () -> get(admin.alterPartitionReassignments(Map.of(ORDERS, Optional.empty())).all()))
        .hasCauseInstanceOf(NoReassignmentInProgressException.class);
  }

  @Test
  void aPartitionThatSharesItsLogIsShownOnItsWayAndTakenBack() throws Exception {
    create("orders", 64);
    var before = replicas();
    int added = outsider(before);

    reassign(List.of(added, before.get(1), before.get(2)));

    var underWay = get(admin.listPartitionReassignments().reassignments());
    assertThat(underWay).containsOnlyKeys(ORDERS);
    assertThat(underWay.get(ORDERS).addingReplicas()).containsExactly(added);
    assertThat(underWay.get(ORDERS).removingReplicas()).containsExactly(before.getFirst());
    assertThat(underWay.get(ORDERS).replicas())
        .containsExactlyInAnyOrder(added, before.get(0), before.get(1), before.get(2))
        .startsWith(added)
        .endsWith(before.getFirst());
    assertThat(ids(described().replicas()))
        .containsExactlyElementsOf(underWay.get(ORDERS).replicas());
    assertThat(ids(described().isr())).containsExactlyElementsOf(before);
    assertThat(described().leader().id()).isEqualTo(before.getFirst());

    get(admin.alterPartitionReassignments(Map.of(ORDERS, Optional.empty())).all());

    assertThat(get(admin.listPartitionReassignments().reassignments())).isEmpty();
    assertThat(replicas()).isEqualTo(before);
  }

  @Test
  void aChangedReplicationFactorIsRefusedOnlyToWhoWantsItToStay() throws Exception {
    create("orders", 64);
    var wish =
        Map.of(ORDERS, Optional.of(new NewPartitionReassignment(List.of(replicas().get(1)))));
    var stays = new AlterPartitionReassignmentsOptions().allowReplicationFactorChange(false);

    assertThatThrownBy(() -> get(admin.alterPartitionReassignments(wish, stays).all()))
        .hasCauseInstanceOf(InvalidReplicationFactorException.class);

    get(admin.alterPartitionReassignments(wish).all());
    assertThat(get(admin.listPartitionReassignments().reassignments())).containsOnlyKeys(ORDERS);
  }

  /** As kafka-reassign-partitions --verify does, whether there were throttles or not. */
  @Test
  void throttlesThatWereNeverSetMayBeTakenAway() throws Exception {
    create("orders", 1);
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
    for (int id = 1; id <= NODES; id++) {
      changes.put(
          new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(id)),
          deletions(
              "leader.replication.throttled.rate",
              "follower.replication.throttled.rate",
              "replica.alter.log.dirs.io.max.bytes.per.second"));
    }
    changes.put(
        new ConfigResource(ConfigResource.Type.TOPIC, "orders"),
        deletions(
            "leader.replication.throttled.replicas", "follower.replication.throttled.replicas"));

    get(admin.incrementalAlterConfigs(changes).all());
  }

  @Test
  void nodesThatClientsCannotUseAreShownToWhoAsksAndForgottenWhenEmpty() throws Exception {
    create("orders", 1);
    int gone = NODES;
    assertThatThrownBy(() -> get(admin.unregisterBroker(gone).all()))
        .hasCauseInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("is alive");
    assertThatThrownBy(() -> get(admin.unregisterBroker(77).all()))
        .hasCauseInstanceOf(BrokerIdNotRegisteredException.class);

    leave(gone);

    var known =
        get(admin.describeCluster(new DescribeClusterOptions().includeFencedBrokers(true)).nodes());
    assertThat(known.stream().filter(Node::isFenced).map(Node::id)).containsExactly(gone);
    assertThat(get(admin.describeCluster().nodes())).extracting(Node::id).doesNotContain(gone);
    assertThatThrownBy(() -> get(admin.unregisterBroker(gone).all()))
        .hasCauseInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("drain it first");
  }

  /** The tool refuses to move partitions to what it is not told of. */
  @Test
  void nodesThatOnlyHoldLogsAreBrokersForTheToolThatMovesPartitionsToThem() throws Exception {
    int port = Integer.parseInt(bootstrap.substring(bootstrap.indexOf(':') + 1));
    int hot = NODES + 1;
    nodes.add(new ToolNode(hot, port, Set.of(NodeRole.HOT)));
    await().atMost(PATIENCE).until(() -> image().registration(hot) != null);
    assertThat(get(admin.describeCluster().nodes())).extracting(Node::id).doesNotContain(hot);

    try (var tool =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                AdminClientConfig.CLIENT_ID_CONFIG,
                "reassign-partitions-tool"))) {
      assertThat(get(tool.describeCluster().nodes()))
          .extracting(Node::id)
          .containsExactlyInAnyOrder(1, 2, 3, 4, hot);
      var broker = new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(hot));
      var throttles = deletions("leader.replication.throttled.rate");
      get(tool.incrementalAlterConfigs(Map.of(broker, throttles)).all());
    }
  }

  private void create(String topic, int partitions) throws Exception {
    get(admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 3))).all());
    await().atMost(PATIENCE).until(() -> image().logs().stream().allMatch(log -> log.term() > 0));
  }

  private void leave(int node) throws Exception {
    result(nodes.get(node - 1).metadata.leave());
    await().atMost(PATIENCE).until(() -> image().registration(node) == null);
  }

  private void reassign(List<Integer> replicas) throws Exception {
    get(
        admin
            .alterPartitionReassignments(
                Map.of(ORDERS, Optional.of(new NewPartitionReassignment(replicas))))
            .all());
  }

  /** Why nobody was elected, or null. */
  private @Nullable Throwable elect(ElectionType type) throws Exception {
    return get(admin.electLeaders(type, Set.of(ORDERS)).partitions()).get(ORDERS).orElse(null);
  }

  private TopicPartitionInfo described() throws Exception {
    return get(admin.describeTopics(List.of("orders")).allTopicNames())
        .get("orders")
        .partitions()
        .getFirst();
  }

  private static List<Integer> ids(List<Node> nodes) {
    return nodes.stream().map(Node::id).toList();
  }

  private static int outsider(List<Integer> replicas) {
    return IntStream.rangeClosed(1, NODES)
        .filter(id -> !replicas.contains(id))
        .findFirst()
        .orElseThrow();
  }

  private static List<AlterConfigOp> deletions(String... names) {
    return Stream.of(names)
        .map(name -> new AlterConfigOp(new ConfigEntry(name, ""), AlterConfigOp.OpType.DELETE))
        .toList();
  }

  private List<Integer> replicas() {
    return image().place(image().topic("orders"), 0).replicas();
  }

  private ClusterImage image() {
    return nodes.getFirst().metadata.images().current();
  }

  private static RequestRouter router(ToolNode node, Map<String, String> settings) {
    var images = node.metadata.images();
    var replicas = node.metadata.replicas(Handovers.bySwap(node.metadata.registry()));
    var reader = new MemoryPartitions();
    var configs = new ConfigDescriptions(images, GatewaySettings.ALL, settings);
    List<RequestHandler> handlers =
        List.of(
            new MetadataHandler(images, node.topics, reader, () -> false),
            new DescribeClusterHandler(images),
            new DescribeTopicPartitionsHandler(images, reader),
            new CreateTopicsHandler(node.topics, configs),
            new DescribeConfigsHandler(images, configs),
            new IncrementalAlterConfigsHandler(images, node.topics),
            new DescribeLogDirsHandler(
                images, reader, () -> new DescribeLogDirsHandler.Folder("data", 2, 1)),
            new ElectLeadersHandler(replicas),
            new AlterPartitionReassignmentsHandler(replicas),
            new ListPartitionReassignmentsHandler(replicas),
            new UnregisterBrokerHandler(node.metadata.nodes()));
    return ApiVersionsHandler.routerOf(images, handlers);
  }

  private static <T> T get(KafkaFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private static <T> T result(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private static int freePort() throws Exception {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** A node that holds logs; its replicas hold nothing, and are in sync whenever they may be. */
  private final class ToolNode implements LedLogs {

    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final ClusterMetadata metadata;
    private final NodeRegistration self;
    private final TopicAdmin topics;

    ToolNode(int id, int port, Set<NodeRole> roles) throws Exception {
      var random = new Random(id);
      var clock = new RealClock();
      var lane = new EventLoopLane(loop, clock);
      var ids = new NodeIds(store, lane, random);
      result(ids.found());
      var identity = result(ids.identify(new NodeWish(id, true, null, "node-" + id)));
      metadata =
          new ClusterMetadata(
              new ClusterMetadata.Parts(
                  store,
                  Map.of("min.insync.replicas", "1"),
                  clock,
                  lane,
                  random,
                  name -> Optional.empty()),
              identity);
      result(metadata.load());
      var at = new Endpoint("localhost", port);
      self =
          new NodeRegistration(
              id,
              roles,
              roles.contains(NodeRole.GATEWAY) ? at : null,
              at,
              at,
              null,
              new UUID(id, 1),
              identity.diskId(),
              false);
      result(metadata.join(self));
      metadata.registry().onChange(this::act);
      topics = result(metadata.serve(this, Handovers.bySwap(metadata.registry())));
    }

    /**
     * As preferred leader it begins a fresh log; as leader it takes in who is alive and missing.
     */
    private void act(LogRecord log) {
      int id = self.id();
      if (log.leader() == LogRecord.NO_LEADER && log.replicas().getFirst() == id) {
        metadata.registry().propose(log.takenOverBy(log.inSync().getFirst(), 1));
      } else if (log.leader() == id) {
        var members = log.inSync().stream().map(ReplicaId::nodeId).toList();
        log.replicas().stream()
            .filter(replica -> !members.contains(replica))
            .map(replica -> metadata.images().current().registration(replica))
            .filter(node -> node != null && node.disk() != null)
            .findFirst()
            .ifPresent(
                node ->
                    metadata
                        .registry()
                        .propose(log.grownBy(new ReplicaId(node.id(), node.disk()))));
      }
    }

    @Override
    public Collection<LedLog> led() {
      return List.of();
    }

    @Override
    public void onChange(Listener told) {
      // It leads nothing that could hold a partition.
    }
  }
}
