package io.tidelog.gateway.net;

import static org.awaitility.Awaitility.await;

import io.netty.channel.DefaultEventLoop;
import io.tidelog.gateway.AdvertisedAddresses;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.fetch.FetchLane;
import io.tidelog.gateway.fetch.FetchLaneConfig;
import io.tidelog.gateway.fetch.FetchLanes;
import io.tidelog.gateway.fetch.FetchStats;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.forward.ClientZones;
import io.tidelog.gateway.forward.ForwardConfig;
import io.tidelog.gateway.forward.Forwarding;
import io.tidelog.gateway.handler.ApiVersionsHandler;
import io.tidelog.gateway.handler.DescribeClusterHandler;
import io.tidelog.gateway.handler.DescribeTopicPartitionsHandler;
import io.tidelog.gateway.handler.FindCoordinatorHandler;
import io.tidelog.gateway.handler.InitProducerIdHandler;
import io.tidelog.gateway.handler.MetadataHandler;
import io.tidelog.gateway.handler.data.ColdOffsets;
import io.tidelog.gateway.handler.data.ValidationLanes;
import io.tidelog.gateway.handler.forward.ForwardingHandlers;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Hot nodes and gateways in one process, over real sockets: real handlers, and a log that is the
 * same on every node. Tests say who leads.
 */
final class ForwardingCluster implements AutoCloseable {

  final ClusterPicture picture = new ClusterPicture();
  final SharedLog log = new SharedLog();
  final SharedCold cold = new SharedCold(log);
  final SharedGroups groups = new SharedGroups();
  private final Map<Integer, HotNode> hot = new LinkedHashMap<>();
  private final Map<Integer, ClientListener> gateways = new LinkedHashMap<>();
  private final Map<Integer, FetchLanes> fetches = new HashMap<>();
  private final Map<Integer, Integer> ports = new HashMap<>();
  private final Map<String, String> settings;
  private final RealClock clock = new RealClock();
  private final DefaultEventLoop searching = new DefaultEventLoop();
  private final AtomicLong producerIds = new AtomicLong(1_000);
  private long incarnations;

  ForwardingCluster(Map<String, String> settings) {
    this.settings = settings;
  }

  /** A node that leads and serves no clients. */
  HotNode addHot(int id) throws Exception {
    var node = new HotNode(id, log, groups, picture.seenFrom(id));
    hot.put(id, node);
    register(id, null, node.start(), null);
    return node;
  }

  /** A node that serves clients and leads nothing. */
  void addGateway(int id, @Nullable String zone) throws Exception {
    var images = picture.seenFrom(id);
    int port = serve(id, images, null);
    register(id, new Endpoint("localhost", port), null, zone);
  }

  /** A node that does both. */
  HotNode addBoth(int id) throws Exception {
    var images = picture.seenFrom(id);
    var node = new HotNode(id, log, groups, images);
    hot.put(id, node);
    int port = serve(id, images, node);
    register(id, new Endpoint("localhost", port), node.start(), null);
    return node;
  }

  /** Ends the node's connections as a crash does, shows it dead, and starts it anew. */
  void restart(int id) {
    var node = hot(id);
    node.link().cut();
    picture.remove(id);
    register(id, null, node.endpoint(), null);
  }

  HotNode hot(int id) {
    return hot.get(id);
  }

  ClientListener gateway(int id) {
    return gateways.get(id);
  }

  /** What fetches keep at a gateway. */
  FetchStats fetchStats(int id) {
    return fetches.get(id).stats();
  }

  TopicImage addTopic(String name, int... leaders) {
    for (int i = 0; i < leaders.length; i++) {
      var id =
          new io.tidelog.core.PartitionId(
              UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)), i);
      log.lead(id, leaders[i]);
    }
    return picture.addTopic(name, leaders);
  }

  /** The topic of groups' offsets; its partitions have these leaders. */
  TopicImage addOffsets(int... leaders) {
    for (int i = 0; i < leaders.length; i++) {
      groups.lead(i, leaders[i]);
    }
    return picture.addTopic(SharedGroups.OFFSETS, leaders);
  }

  /** Another node coordinates the groups of a partition, and then everybody is shown it. */
  void coordinate(int partition, int node) {
    groups.lead(partition, node);
    picture.lead(SharedGroups.OFFSETS, partition, node);
  }

  /** Another node leads, and then everybody is shown it. */
  void lead(TopicImage topic, int partition, int node) {
    log.lead(topic.partition(partition), node);
    picture.lead(topic.name(), partition, node);
  }

  String bootstrap(int gateway) {
    return "localhost:" + ports.get(gateway);
  }

  RawClient connect(int gateway) throws Exception {
    return new RawClient("127.0.0.1", ports.get(gateway));
  }

  private int serve(int id, ClusterImages images, @Nullable HotNode node) throws Exception {
    var properties = new HashMap<>(settings);
    properties.put("listeners", "PLAINTEXT://localhost:0");
    var config = GatewayConfig.of(properties);
    var forwarding = new Forwarding(images, clock, ForwardConfig.of(properties));
    forwarding.start();
    var zones = ClientZones.of(properties);
    var handlers = new ArrayList<RequestHandler>();
    var directory = new PartitionDirectory(images);
    var reader = node == null ? null : node.log;
    var lanes =
        new FetchLanes(
            new FetchLane.Sources(reader, cold, directory, clock),
            FetchLaneConfig.of(Map.of("tidelog.fetch.late.keep.ms", "200"), 1),
            () -> new Random(id));
    lanes.start();
    var searches = new ValidationLanes(List.of(new EventLoopLane(searching, clock)), 1_000, clock);
    handlers.addAll(
        ForwardingHandlers.ofGateway(
            forwarding,
            new ForwardingHandlers.Reading(
                lanes, directory, reader, new ColdOffsets(cold, searches), zones, 50 << 20),
            () -> CompletableFuture.completedStage(null),
            node == null ? null : node.local()));
    handlers.add(new MetadataHandler(images, picture, null, () -> false, zones));
    handlers.add(new DescribeClusterHandler(images));
    handlers.add(new DescribeTopicPartitionsHandler(images, null, zones));
    handlers.add(
        new FindCoordinatorHandler(images, () -> CompletableFuture.completedStage(null), zones));
    handlers.add(
        new InitProducerIdHandler(
            () -> CompletableFuture.completedStage(producerIds.incrementAndGet())));
    var advertised = new AdvertisedAddresses(config, "localhost");
    var listener =
        new ClientListener(
            config, advertised, ApiVersionsHandler.routerOf(images, handlers), clock);
    listener.start().toCompletableFuture().get(10, TimeUnit.SECONDS);
    gateways.put(id, listener);
    fetches.put(id, lanes);
    ports.put(id, advertised.first().port());
    return advertised.first().port();
  }

  private void register(
      int id, @Nullable Endpoint client, @Nullable Endpoint internal, @Nullable String zone) {
    var roles =
        client == null
            ? Set.of(NodeRole.HOT)
            : internal == null ? Set.of(NodeRole.GATEWAY) : Set.of(NodeRole.values());
    picture.add(
        new NodeRegistration(
            id,
            roles,
            client,
            internal == null ? new Endpoint("localhost", 1) : internal,
            null,
            zone,
            new UUID(1, ++incarnations),
            internal == null ? null : new UUID(0, id),
            false));
  }

  @Override
  public void close() {
    for (var lanes : fetches.values()) {
      await().until(() -> lanes.stats().lateReads() == 0);
    }
    List.copyOf(gateways.values()).forEach(ClientListener::close);
    hot.values().forEach(HotNode::close);
    picture.close();
    var unused = searching.shutdownGracefully();
  }
}
