package io.tidelog.app.node;

import io.opentelemetry.api.metrics.Meter;
import io.tidelog.app.admin.AdminServer;
import io.tidelog.app.admin.DelayRoutes;
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
import io.tidelog.cold.ColdTier;
import io.tidelog.coordinator.CoordinatorPorts;
import io.tidelog.coordinator.GroupCoordinatorRuntime;
import io.tidelog.coordinator.GroupsConfig;
import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.delay.AppendTimeGates;
import io.tidelog.delay.PendingPrefetch;
import io.tidelog.gateway.AdvertisedAddresses;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.net.ClientListener;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.runtime.HotTierConfig;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.hot.runtime.LogOpener;
import io.tidelog.hot.runtime.LogRuntime;
import io.tidelog.metadata.MetadataRuntime;
import io.tidelog.metadata.api.ClusterIdentity;
import io.tidelog.metadata.api.NodeImage;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
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
  private static final long STEP_TIMEOUT_S = 120;

  private final Deque<Part> parts = new ArrayDeque<>();
  private final Clock clock = SystemClock.INSTANCE;
  private final NodeConfig config;
  private final Map<String, String> settings;
  private final GatewayConfig gatewayConfig;
  private final DataFolder data;
  private final CompletableFuture<Fault> failed = new CompletableFuture<>();
  private @Nullable Running running;

  private record Part(String name, AutoCloseable closing) {}

  private record Storage(
      MetadataRuntime metadata,
      ClusterIdentity identity,
      LogDriver log,
      ObjectStores.Opened store,
      ColdTier cold) {}

  private record Running(LogDriver log, ColdTier cold, NodeAddresses addresses) {}

  private TidelogNode(NodeConfig config) {
    this.config = config;
    this.settings = NodeListeners.checked(config);
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
    running = serve(openStorage());
    LOG.info(
        "node started, bootstrap={} term={} ms={}",
        addresses().bootstrap(),
        running.log().term(),
        TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - startedNs));
  }

  private Storage openStorage() {
    data.create();
    data.requireMetadataOfLogs();
    var metadataLane = lane("metadata-lane");
    var metadata =
        part(
            "metadata",
            MetadataRuntime.open(
                data.metadata(),
                settings,
                clock,
                metadataLane,
                new SecureRandom(),
                new DelayNaming(config)));
    var unused = metadata.store().stopped().thenAccept(this::onMetadataStopped);
    var found = await(metadata.found());
    var disk = part("disk", data.openLog(found));
    var identity = await(metadata.join(found, DataFolder.diskIdOf(disk), 0));
    var log = startLog(disk, identity);
    var store = part("object store", ObjectStores.open(config, data.path()));
    var cold =
        part(
            "cold tier",
            new ColdTier(
                ColdTierOptions.of(config, store.prefix(), identity.clusterId()),
                store.store(),
                log,
                clock,
                new SecureRandom()));
    requireStoreOfData(cold, store.describe());
    return new Storage(metadata, identity, log, store, cold);
  }

  private void requireStoreOfData(ColdTier cold, String store) {
    try {
      ObjectStores.checkNowOrLater(cold::requireStoreOfLogs, store);
    } catch (Fault.Refused refused) {
      throw new Fault.Refused(
          refused.refusal(),
          "Data folder "
              + data.path()
              + " does not belong to object store "
              + store
              + ": "
              + refused.getMessage());
    }
  }

  /** What the log leads is open to clients when this returns. */
  private Running serve(Storage storage) {
    var metadata = storage.metadata();
    var identity = storage.identity();
    var log = storage.log();
    var cold = storage.cold();
    var advertised = new AdvertisedAddresses(gatewayConfig, NodeListeners.ownName(gatewayConfig));
    var self =
        new NodeImage(
            identity.nodeId(), advertised.first().host(), advertised.first().port(), null);
    var topics = await(metadata.start(identity.log(), self, log));
    var coordinatorLane = lane("coordinator-lane");
    var groups =
        new GroupCoordinatorRuntime(
            GroupsConfig.ofNode(identity.nodeId(), settings),
            new CoordinatorPorts(log, log, cold.reader(), log, metadata.images(), topics),
            coordinatorLane,
            clock);
    parts.push(new Part("groups", () -> await(groups.close())));
    var handlers =
        new GatewayHandlers(
            new GatewayHandlers.Ports(log, cold.reader(), metadata, topics, groups),
            settings,
            gatewayConfig,
            data.path(),
            List.of(lane("validation-lane")),
            clock);
    var listener =
        part("gateway", new ClientListener(gatewayConfig, advertised, handlers.router(), clock));
    await(listener.start());
    cold.start();
    groups.start();
    part(
            "prefetch",
            new PendingPrefetch(
                new PendingPrefetch.Sources(log, log, cold.reader()),
                lane("prefetch-lane"),
                clock,
                config.get(NodeSettings.DELAY_PREFETCH_MS),
                config.get(NodeSettings.DELAY_PREFETCH_PARTITIONS)))
        .start();
    var delayed = new DelayedTopics(log, metadata.images());
    List<Consumer<Meter>> instruments =
        List.of(
            new LogInstruments(log::stats),
            new ColdInstruments(cold::stats),
            new DelayInstruments(delayed::pending, config.get(NodeSettings.METRICS_MAX_TOPICS)),
            new GatewayInstruments(listener::stats),
            new FetchInstruments(handlers::fetchStats),
            new GroupInstruments(groups::readings));
    int adminPort = startAdmin(log, instruments, delayed);
    return new Running(
        log,
        cold,
        new NodeAddresses(
            advertised.first().host() + ":" + advertised.first().port(),
            "127.0.0.1:" + adminPort,
            data.path(),
            storage.store().describe()));
  }

  /** Nothing could be created, changed or committed any more, and only a start reads what holds. */
  private void onMetadataStopped(Fault reason) {
    if (!(reason instanceof Fault.Retriable)) {
      LOG.error("metadata has failed, the node cannot go on", reason);
      failed.complete(reason);
    }
  }

  private LogDriver startLog(LogDisk disk, ClusterIdentity identity) {
    var runtime =
        part(
            "log",
            LogRuntime.recover(
                new LogOpener.Parts(
                    disk,
                    identity.log(),
                    HotTierConfig.of(settings),
                    new AppendTimeGates(),
                    clock,
                    identity.term() - 1,
                    UUID.randomUUID())));
    await(runtime.start());
    return runtime.driver();
  }

  private int startAdmin(LogDriver log, List<Consumer<Meter>> instruments, DelayedTopics delayed) {
    var metrics = part("metrics", new NodeMetrics(instruments));
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
    parts.push(new Part("admin loop", () -> await(vertx.close().toCompletionStage())));
    var admin =
        part(
            "admin",
            new AdminServer(
                vertx, metrics::scrape, () -> notReadyReason(log), new DelayRoutes(delayed)));
    return admin.start(config.get(NodeSettings.ADMIN_PORT));
  }

  private static @Nullable String notReadyReason(LogDriver log) {
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
    var log = running().log().stats();
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

  private ThreadLane lane(String name) {
    return part(name, new ThreadLane(name, clock));
  }

  private <T extends AutoCloseable> T part(String name, T part) {
    parts.push(new Part(name, part));
    return part;
  }

  private static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(STEP_TIMEOUT_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Fault.Retriable("interrupted", e);
    } catch (TimeoutException e) {
      throw new Fault.Retriable("a step took over " + STEP_TIMEOUT_S + " s", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Fault fault) {
        throw fault;
      }
      throw new Fault.Broken("a step failed: " + e.getCause(), e.getCause());
    }
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      var part = parts.pop();
      try {
        part.closing().close();
      } catch (Exception e) { // one part that fails to close keeps no other from closing
        LOG.warn("could not be closed, part={}", part.name(), e);
      }
    }
  }
}
