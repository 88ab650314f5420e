package io.tidelog.app.node;

import static io.tidelog.app.node.NodeParts.await;

import io.opentelemetry.api.metrics.Meter;
import io.tidelog.app.admin.AdminRoutes;
import io.tidelog.app.admin.DelayRoutes;
import io.tidelog.app.admin.HealthRoutes;
import io.tidelog.app.admin.NodeRoutes;
import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.config.NodeSettings;
import io.tidelog.app.delay.DelayedTopics;
import io.tidelog.app.telemetry.ColdInstruments;
import io.tidelog.app.telemetry.DelayInstruments;
import io.tidelog.app.telemetry.FetchInstruments;
import io.tidelog.app.telemetry.ForwardInstruments;
import io.tidelog.app.telemetry.GatewayInstruments;
import io.tidelog.app.telemetry.GroupInstruments;
import io.tidelog.app.telemetry.LogInstruments;
import io.tidelog.cold.ColdTier;
import io.tidelog.coordinator.GroupsConfig;
import io.tidelog.coordinator.OffsetsTopic;
import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.gateway.AdvertisedAddresses;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.net.ClientListener;
import io.tidelog.hot.node.ServedLogs;
import io.tidelog.hot.runtime.LogStats;
import io.tidelog.metadata.api.ClusterSettings;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.Handovers;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.TopicAdmin;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
  private final NodeRoles roles;
  private final Map<String, String> settings;
  private final GatewayConfig gatewayConfig;
  private final OperatorPorts ports;
  private final DataFolder data;
  private final CompletableFuture<Fault> failed = new CompletableFuture<>();
  private @Nullable Running running;

  private record Running(
      NodeMetadata metadata,
      @Nullable HotRole hot,
      ColdTier cold,
      Readiness readiness,
      NodeAddresses addresses) {}

  private record Cold(ObjectStores.Opened store, ColdTier tier) {}

  private TidelogNode(NodeConfig config) {
    this.config = config;
    this.roles = NodeRoles.of(config);
    this.settings = NodeMetadata.settingsOf(config, NodeListeners.checked(config));
    this.gatewayConfig = GatewayConfig.of(settings);
    this.ports = OperatorPorts.of(config);
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

  /**
   * Sees whether a node could be made of these settings; opens nothing.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG} when it could not
   */
  public static void check(NodeConfig config) {
    new TidelogNode(config).close();
  }

  private void start() {
    long startedNs = clock.monotonicNs();
    if (roles.isHot()) {
      parts.add("data folder", data.open(NodeMetadata.isAlone(config)));
    }
    var advertised = new AdvertisedAddresses(gatewayConfig, NodeListeners.ownName(gatewayConfig));
    var client = new Endpoint(advertised.first().host(), advertised.first().port());
    var metadata =
        NodeMetadata.open(
            parts,
            config,
            settings,
            roles.isHot() ? data : null,
            roles.isGateway() ? client : advertisedInternal(),
            clock,
            this::onMetadataStopped);
    var opening =
        new NodeOpening(parts, config, settings, data, metadata, UUID.randomUUID(), clock);
    var store = parts.add("object store", ObjectStores.open(config, data.path()));
    var hot = roles.isHot() ? HotRole.open(opening, store) : null;
    var cold = hot == null ? readingOnly(opening, store) : hot.cold();
    var topics = join(opening, hot, client);
    if (hot != null && metadata.isAlone()) {
      await(hot.leadsAll(metadata.cluster().images()));
      hot.requireStoreOfData(data);
    }
    running = serve(opening, hot, new Cold(store, cold), topics, advertised);
    LOG.info(
        "node started, node={} roles={} bootstrap={} ms={}",
        metadata.identity().nodeId(),
        roles,
        addresses().bootstrap(),
        TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - startedNs));
  }

  private Endpoint internal() {
    return new Endpoint(
        config.get(NodeSettings.INTERNAL_HOST),
        NodeSettings.INTERNAL_PORT.parse(
            settings.getOrDefault(
                NodeSettings.INTERNAL_PORT.name(), NodeSettings.INTERNAL_PORT.defaultText())));
  }

  private Endpoint advertisedInternal() {
    return Advertised.of(NodeSettings.INTERNAL_ADVERTISED, config, internal());
  }

  /** Of a gateway, which offloads nothing. */
  private ColdTier readingOnly(NodeOpening opening, ObjectStores.Opened store) {
    return parts.add(
        "cold tier",
        new ColdTier(
            ColdTierOptions.of(config, store.prefix(), opening.metadata().identity().clusterId()),
            store.store(),
            new ServedLogs(),
            clock,
            new SecureRandom()));
  }

  /** The others see this node from now on. */
  private TopicAdmin join(NodeOpening opening, @Nullable HotRole hot, Endpoint client) {
    var metadata = opening.metadata();
    var cluster = metadata.cluster();
    await(
        cluster.join(
            new NodeRegistration(
                metadata.identity().nodeId(),
                roles.registered(),
                roles.isGateway() ? client : null,
                roles.isHot() && !metadata.isAlone() ? advertisedInternal() : client,
                hot == null ? null : hot.replication(),
                ClusterSettings.rackOf(settings),
                opening.incarnation(),
                metadata.identity().diskId(),
                false)));
    var unused = cluster.fenced().thenAccept(this::onFenced);
    return await(
        cluster.serve(
            hot == null ? new ServedLogs() : hot.served(), Handovers.bySwap(cluster.registry())));
  }

  /** What is led here is open to clients when this returns. */
  private Running serve(
      NodeOpening opening,
      @Nullable HotRole hot,
      Cold reached,
      TopicAdmin topics,
      AdvertisedAddresses advertised) {
    var cold = reached.tier();
    var metadata = opening.metadata();
    var images = metadata.cluster().images();
    List<Consumer<Meter>> instruments = new ArrayList<>();
    List<AdminRoutes> routes = new ArrayList<>();
    routes.add(new NodeRoutes(images, metadata.cluster().nodes()));
    instruments.add(new ColdInstruments(cold::stats));
    var groupsConfig = GroupsConfig.ofNode(metadata.identity().nodeId(), settings);
    var led = hot == null ? null : LedServices.open(opening, hot, topics, groupsConfig);
    if (led != null && !metadata.isAlone()) {
      led.listen(opening, gatewayConfig, internal());
    }
    if (roles.isGateway()) {
      serveClients(
          new GatewayHandlers.Ports(
              hot == null ? null : hot.served(),
              led == null ? null : led.handlers(),
              cold.reader(),
              led == null ? LedServices.validation(opening) : led.validation(),
              metadata.cluster(),
              topics,
              led == null
                  ? new OffsetsTopic(groupsConfig, images, topics)::create
                  : led::groupsReady),
          advertised,
          instruments);
    }
    if (hot != null && led != null) {
      led.start();
      hot.startBackground(opening);
      var delayed = new DelayedTopics(hot.served(), images);
      routes.add(new DelayRoutes(delayed));
      instruments.add(new LogInstruments(hot.served()::stats, hot.tier()::copies));
      instruments.add(
          new DelayInstruments(delayed::pending, config.get(NodeSettings.METRICS_MAX_TOPICS)));
      instruments.add(new GroupInstruments(led.groups()::readings));
    }
    var readiness = new Readiness(images::current, hot);
    int adminPort =
        ports.open(
            parts, metadata.identity().nodeId(), new HealthRoutes(readiness), instruments, routes);
    return new Running(
        metadata,
        hot,
        cold,
        readiness,
        new NodeAddresses(
            roles.isGateway()
                ? advertised.first().host() + ":" + advertised.first().port()
                : NodeAddresses.NONE,
            "127.0.0.1:" + adminPort,
            data.path(),
            reached.store().describe()));
  }

  private void serveClients(
      GatewayHandlers.Ports ports,
      AdvertisedAddresses advertised,
      List<Consumer<Meter>> instruments) {
    var handlers = new GatewayHandlers(ports, settings, gatewayConfig, clock);
    var listener =
        parts.add(
            "gateway", new ClientListener(gatewayConfig, advertised, handlers.router(), clock));
    await(listener.start());
    instruments.add(new GatewayInstruments(listener::stats));
    instruments.add(new FetchInstruments(handlers::fetchStats));
    instruments.add(new ForwardInstruments(listener::forwards));
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

  /** Where it is found. */
  public NodeAddresses addresses() {
    return running().addresses();
  }

  /** How it stands. */
  public NodeStatus status() {
    var hot = running().hot();
    var log = hot == null ? LogStats.NONE : hot.served().stats();
    var cold = running().cold().stats();
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
    if (now != null) {
      turnAway(now.readiness());
    }
    if (now != null && !now.metadata().isAlone()) {
      if (now.hot() != null) {
        now.hot().handOver(config.get(NodeSettings.HANDOVER_TIMEOUT_MS));
      }
      leave(now.metadata());
    }
    parts.close();
  }

  /** Gives load balancers the time to notice that this node is going, while it serves on. */
  private void turnAway(Readiness readiness) {
    long delayMs = config.get(NodeSettings.SHUTDOWN_DELAY_MS);
    if (readiness.isStopping()) {
      return;
    }
    readiness.stopping();
    if (delayMs == 0) {
      return;
    }
    LOG.info("not ready any more, serving on, ms={}", delayMs);
    try {
      // A node that has failed serves nobody.
      var unused = failed.get(delayMs, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | ExecutionException e) {
      LOG.info("the end begins");
    }
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
