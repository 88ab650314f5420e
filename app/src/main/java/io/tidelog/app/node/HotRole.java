package io.tidelog.app.node;

import static io.tidelog.app.node.NodeParts.await;

import io.tidelog.app.config.NodeSettings;
import io.tidelog.cold.ColdTier;
import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.LedLogs;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.delay.AppendTimeGates;
import io.tidelog.delay.PendingPrefetch;
import io.tidelog.hot.disk.KernelBootId;
import io.tidelog.hot.node.HotTier;
import io.tidelog.hot.node.ServedLogs;
import io.tidelog.hot.replica.LoopbackTransport;
import io.tidelog.hot.replica.MoveParts;
import io.tidelog.hot.replica.MoveSettings;
import io.tidelog.hot.replica.ReplicaSettings;
import io.tidelog.hot.replica.ReplicaTransport;
import io.tidelog.hot.replica.net.HostPort;
import io.tidelog.hot.replica.net.ReplicaIdentity;
import io.tidelog.hot.replica.net.ReplicaNetConfig;
import io.tidelog.hot.replica.net.VertxReplicaTransport;
import io.tidelog.hot.runtime.HotTierConfig;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.KafkaUuid;
import io.tidelog.metadata.api.NodeRegistration;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node with the role {@code hot} has: copies of segment logs, and their way to the object
 * store.
 *
 * @param replication where followers read its logs; null on a node by itself
 */
record HotRole(
    HotTier tier, ColdTier cold, ObjectStores.Opened store, @Nullable Endpoint replication) {

  private static final Logger LOG = LoggerFactory.getLogger(HotRole.class);

  /**
   * Opens every log that this node is to hold. A node by itself starts with all of them or not at
   * all; one of several serves those it has, and tries the others again.
   */
  static HotRole open(NodeOpening opening, ObjectStores.Opened store) {
    var metadata = opening.metadata();
    opening.data().requireLogsOf(metadata);
    Endpoint replication = null;
    ReplicaTransport transport = new LoopbackTransport(metadata.identity().nodeId());
    if (!metadata.isAlone()) {
      var net = openTransport(opening);
      transport = net;
      int port = await(net.start());
      var bound = new Endpoint(opening.config().get(ReplicaSettings.HOST), port);
      replication = Advertised.of(ReplicaSettings.ADVERTISED, opening.config(), bound);
    }
    var tier = openTier(opening, transport);
    var cold =
        opening
            .parts()
            .add(
                "cold tier",
                new ColdTier(
                    ColdTierOptions.of(
                        opening.config(), store.prefix(), metadata.identity().clusterId()),
                    store.store(),
                    tier.served(),
                    opening.clock(),
                    new SecureRandom()));
    return new HotRole(tier, cold, store, replication);
  }

  private static VertxReplicaTransport openTransport(NodeOpening opening) {
    var identity = opening.metadata().identity();
    var images = opening.metadata().cluster().images();
    return opening
        .parts()
        .add(
            "replication",
            new VertxReplicaTransport(
                new ReplicaIdentity(KafkaUuid.parse(identity.clusterId()), identity.nodeId()),
                ReplicaNetConfig.of(opening.settings()),
                id -> addressOf(images.current(), id),
                new SecureRandom()));
  }

  private static @Nullable HostPort addressOf(ClusterImage image, int id) {
    var node = image.registration(id);
    var at = node == null ? null : node.replication();
    return at == null ? null : new HostPort(at.host(), at.port());
  }

  private static HotTier openTier(NodeOpening opening, ReplicaTransport transport) {
    var metadata = opening.metadata();
    var identity = metadata.identity();
    var parts = opening.parts();
    var tier =
        new HotTier(
            new HotTier.Parts(
                opening.data().logs(),
                identity.clusterId(),
                new ReplicaId(identity.nodeId(), Objects.requireNonNull(identity.diskId())),
                HotTierConfig.of(opening.settings()),
                ReplicaSettings.of(opening.settings()),
                new AppendTimeGates(),
                transport,
                metadata.cluster().registry(),
                new MoveParts(
                    metadata.cluster().moves(),
                    MoveSettings.of(opening.settings()),
                    identity.nodeId()),
                opening.clock(),
                parts.lane("log-keeper"),
                SecureRandom::new,
                bootId(),
                opening.incarnation()));
    parts.add("hot tier", () -> await(tier.close()));
    var opened = tier.start();
    if (metadata.isAlone()) {
      await(opened);
    }
    followLive(metadata.cluster().images(), tier);
    return tier;
  }

  private static void followLive(ClusterImages images, HotTier tier) {
    images.onChange(
        image ->
            tier.onLive(
                image.registrations().stream()
                    .map(NodeRegistration::id)
                    .collect(Collectors.toSet())));
  }

  private static String bootId() {
    try {
      return KernelBootId.read();
    } catch (IOException e) {
      throw new Fault.Broken("the kernel's boot id cannot be read", e);
    }
  }

  ServedLogs served() {
    return tier.served();
  }

  /** Completes when this node leads every log there is. */
  CompletableFuture<Void> leadsAll(ClusterImages images) {
    var leads = new CompletableFuture<Void>();
    Runnable look =
        () -> {
          var logs = images.current().logs();
          var led = served().logs();
          if (!logs.isEmpty() && logs.stream().allMatch(log -> led.contains(log.id()))) {
            leads.complete(null);
          }
        };
    served()
        .onChange(
            new LedLogs.Listener() {
              @Override
              public void onBegan(LedLog log) {
                look.run();
              }

              @Override
              public void onEnded(LogId log, long term) {
                // It was led once.
              }
            });
    images.onChange(image -> look.run());
    return leads;
  }

  /**
   * Whether the store is the one that the logs were offloaded to.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG} when it is another one's
   */
  void requireStoreOfData(DataFolder data) {
    try {
      ObjectStores.checkNowOrLater(cold::requireStoreOfLogs, store.describe());
    } catch (Fault.Refused refused) {
      throw new Fault.Refused(
          refused.refusal(),
          "Data folder "
              + data.path()
              + " does not belong to object store "
              + store.describe()
              + ": "
              + refused.getMessage());
    }
  }

  /** Begins what goes on in the background. */
  void startBackground(NodeOpening opening) {
    cold.start();
    opening
        .parts()
        .add(
            "prefetch",
            new PendingPrefetch(
                new PendingPrefetch.Sources(served(), served(), cold.reader()),
                opening.parts().lane("prefetch-lane"),
                opening.clock(),
                opening.config().get(NodeSettings.DELAY_PREFETCH_MS),
                opening.config().get(NodeSettings.DELAY_PREFETCH_PARTITIONS)))
        .start();
  }

  /** Has other nodes lead what is led here, if they are there and in sync. */
  void handOver(long timeoutMs) {
    LOG.info("giving away what is led here");
    try {
      tier.handOver().toCompletableFuture().get(timeoutMs, TimeUnit.MILLISECONDS);
      LOG.info("nothing is led here any more, and nobody waits for this node");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | ExecutionException e) {
      LOG.warn("logs are left without having been handed over", e);
    }
  }
}
