package io.tidelog.app.node;

import static io.tidelog.app.node.NodeParts.await;

import io.opentelemetry.api.metrics.Meter;
import io.tidelog.app.admin.AdminRoutes;
import io.tidelog.app.admin.AdminServer;
import io.tidelog.app.admin.DelayRoutes;
import io.tidelog.app.admin.NodeRoutes;
import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.config.NodeSettings;
import io.tidelog.app.delay.DelayedTopics;
import io.tidelog.app.telemetry.ColdInstruments;
import io.tidelog.app.telemetry.DelayInstruments;
import io.tidelog.app.telemetry.FetchInstruments;
import io.tidelog.app.telemetry.GatewayInstruments;
import io.tidelog.app.telemetry.GroupInstruments;
import io.tidelog.app.telemetry.LogInstruments;
import io.tidelog.app.telemetry.NodeMetrics;
import io.tidelog.coordinator.CoordinatorPorts;
import io.tidelog.coordinator.GroupCoordinatorRuntime;
import io.tidelog.coordinator.GroupsConfig;
import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.gateway.AdvertisedAddresses;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.net.ClientListener;
import io.tidelog.hot.node.ServedLogs;
import io.tidelog.metadata.api.ClusterSettings;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.Handovers;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.TopicAdmin;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node in one process: metadata, hot tier, cold tier, groups, gateway and admin endpoint, in
 * the order in which they need one another. Started once; {@link #close} ends everything in the
 * reverse order and may be called twice.
 */
public final class TidelogNode implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TidelogNode.class);

  private final Clock clock = SystemClock.INSTANCE;
  private final NodeParts parts = new NodeParts(clock);
  private final NodeConfig config;
  private final Map<String, String> settings;
  private final GatewayConfig gatewayConfig;
  private final DataFolder data;
  private final CompletableFuture<Fault> failed = new CompletableFuture<>();
  private @Nullable Running running;

  private record Running(NodeMetadata metadata, HotRole hot, NodeAddresses addresses) {}

  private TidelogNode(NodeConfig config) {
    this.config = config;
    this.settings = NodeMetadata.settingsOf(config, NodeListeners.checked(config));
    this.gatewayConfig = GatewayConfig.of(settings);
    ObjectStores.check(config);
    this.data = new DataFolder(Path.of(config.get(NodeSettings.DATA_DIR)));
  }

  /**
   * Starts a node and returns when clients are served.
   *
   * @throws Fault what is wrong with the settings, the data folder, or the ports
   */
  public static TidelogNode start(NodeConfig config) {
    var node = new TidelogNode(config);
    boolean started = false;
    try {
      node.start();
      started = true;
      return node;
    } finally {
      if (!started) {
        node.close();
      }
    }
  }

  private void start() {
    long startedNs = clock.monotonicNs();
    parts.add("data folder", data.open(NodeMetadata.isAlone(config)));
    var advertised = new AdvertisedAddresses(gatewayConfig, NodeListeners.ownName(gatewayConfig));
    var client = new Endpoint(advertised.first().host(), advertised.first().port());
    var metadata =
        NodeMetadata.open(parts, config, settings, data, client, clock, this::onMetadataStopped);
    var opening =
        new HotRole.Opening(parts, config, settings, data, metadata, UUID.randomUUID(), clock);
    var hot = HotRole.open(opening);
    var topics = join(opening, hot, client);
    if (metadata.isAlone()) {
      await(hot.leadsAll(metadata.cluster().images()));
      hot.requireStoreOfData(data);
    }
    running = serve(opening, hot, topics, advertised);
    LOG.info(
        "node started, node={} bootstrap={} ms={}",
        metadata.identity().nodeId(),
        addresses().bootstrap(),
        TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - startedNs));
  }

  /** The others see this node from now on. */
  private TopicAdmin join(HotRole.Opening opening, HotRole hot, Endpoint client) {
    var metadata = opening.metadata();
    var cluster = metadata.cluster();
    await(
        cluster.join(
            new NodeRegistration(
                metadata.identity().nodeId(),
                Set.of(NodeRole.values()),
                client,
                client,
                hot.replication(),
                ClusterSettings.rackOf(settings),
                opening.incarnation(),
                metadata.identity().diskId(),
                false)));
    var unused = cluster.fenced().thenAccept(this::onFenced);
    return await(cluster.serve(hot.served(), Handovers.bySwap(cluster.registry())));
  }

  /** What is led here is open to clients when this returns. */
  private Running serve(
      HotRole.Opening opening, HotRole hot, TopicAdmin topics, AdvertisedAddresses advertised) {
    var metadata = opening.metadata();
    var images = metadata.cluster().images();
    var served = hot.served();
    var cold = hot.cold();
    var coordinatorLane = parts.lane("coordinator-lane");
    var groups =
        new GroupCoordinatorRuntime(
            GroupsConfig.ofNode(metadata.identity().nodeId(), settings),
            new CoordinatorPorts(served, served, cold.reader(), served, served, images, topics),
            coordinatorLane,
            clock);
    parts.add("groups", () -> await(groups.close()));
    var handlers =
        new GatewayHandlers(
            new GatewayHandlers.Ports(served, cold.reader(), metadata.cluster(), topics, groups),
            settings,
            gatewayConfig,
            data.path(),
            List.of(parts.lane("validation-lane")),
            clock);
    var listener =
        parts.add(
            "gateway", new ClientListener(gatewayConfig, advertised, handlers.router(), clock));
    await(listener.start());
    groups.start();
    hot.startBackground(opening);
    var delayed = new DelayedTopics(served, images);
    List<Consumer<Meter>> instruments =
        List.of(
            new LogInstruments(served::stats),
            new ColdInstruments(cold::stats),
            new DelayInstruments(delayed::pending, config.get(NodeSettings.METRICS_MAX_TOPICS)),
            new GatewayInstruments(listener::stats),
            new FetchInstruments(handlers::fetchStats),
            new GroupInstruments(groups::readings));
    int adminPort =
        startAdmin(
            served,
            instruments,
            List.of(new DelayRoutes(delayed), new NodeRoutes(images, metadata.cluster().nodes())));
    return new Running(
        metadata,
        hot,
        new NodeAddresses(
            advertised.first().host() + ":" + advertised.first().port(),
            "127.0.0.1:" + adminPort,
            data.path(),
            hot.store().describe()));
  }

  /** Nothing could be created, changed or committed any more, and only a start reads what holds. */
  private void onMetadataStopped(Fault reason) {
    if (!(reason instanceof Fault.Retriable)) {
      LOG.error("metadata has failed, the node cannot go on", reason);
      failed.complete(reason);
    }
  }

  /** Another process is this node, or the metadata is gone. */
  private void onFenced(Fault reason) {
    LOG.error("the node is no member of its cluster any more", reason);
    failed.complete(reason);
  }

  private int startAdmin(
      ServedLogs log, List<Consumer<Meter>> instruments, List<AdminRoutes> routes) {
    var metrics = parts.add("metrics", new NodeMetrics(instruments));
    var vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                // Else a folder in java.io.tmpdir outlives every process that is killed.
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
    parts.add("admin loop", () -> await(vertx.close().toCompletionStage()));
    var admin =
        parts.add(
            "admin", new AdminServer(vertx, metrics::scrape, () -> notReadyReason(log), routes));
    return admin.start(config.get(NodeSettings.ADMIN_PORT));
  }

  private static @Nullable String notReadyReason(ServedLogs log) {
    var stats = log.stats();
    if (stats.isBroken()) {
      return "the log refuses everything until a restart\n";
    }
    return stats.isFull()
        ? "the disk is full; with tidelog.disk.resume.bytes of it free records are taken again\n"
        : null;
  }

  /** Where it is found. */
  public NodeAddresses addresses() {
    return running().addresses();
  }

  /** How it stands. */
  public NodeStatus status() {
    var log = running().hot().served().stats();
    var cold = running().hot().cold().stats();
    return new NodeStatus(
        log.localBytes(),
        log.segments(),
        log.trimmedBytes(),
        cold.offload().uploadedObjects(),
        cold.offload().uploadedBytes(),
        cold.read().loadedBytes());
  }

  /**
   * Completes with the reason when this node can do nothing useful any more and its process should
   * end; a closed node has not failed. From any thread.
   */
  public CompletionStage<Fault> failed() {
    return failed.copy();
  }

  private Running running() {
    var now = running;
    if (now == null) {
      throw new IllegalStateException("the node has not started");
    }
    return now;
  }

  @Override
  public void close() {
    var now = running;
    if (now != null && !now.metadata().isAlone()) {
      now.hot().handOver(config.get(NodeSettings.HANDOVER_TIMEOUT_MS));
      leave(now.metadata());
    }
    parts.close();
  }

  /** So that nobody waits for it; without an answer the others wait for its lease. */
  private static void leave(NodeMetadata metadata) {
    try {
      await(metadata.cluster().leave());
    } catch (Fault fault) {
      LOG.warn("the cluster could not be told of the end", fault);
    }
  }
}
