package io.tidelog.metadata;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.log.LedLogs;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.ClusterSettings;
import io.tidelog.metadata.api.Handovers;
import io.tidelog.metadata.api.KafkaUuid;
import io.tidelog.metadata.api.LogRegistry;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NodeAdmin;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.PartitionMoves;
import io.tidelog.metadata.api.ProducerIds;
import io.tidelog.metadata.api.ReplicaAdmin;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.controller.Controller;
import io.tidelog.metadata.controller.ControllerLimits;
import io.tidelog.metadata.controller.ControllerMachine;
import io.tidelog.metadata.controller.NodeAdminService;
import io.tidelog.metadata.controller.ReassignmentPlanner;
import io.tidelog.metadata.controller.ReplicaAdminService;
import io.tidelog.metadata.identity.ProducerIdBlocks;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.log.StoreLogRegistry;
import io.tidelog.metadata.move.StorePartitionMoves;
import io.tidelog.metadata.node.NodeIdentity;
import io.tidelog.metadata.node.NodeSession;
import io.tidelog.metadata.node.SessionLimits;
import io.tidelog.metadata.topic.TopicLimits;
import io.tidelog.metadata.topic.TopicPlanner;
import io.tidelog.metadata.topic.TopicService;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of one node of a cluster, over a store that all nodes share. The order of a start:
 * {@link #load}; build the replicas over {@link #registry}; {@link #join}, when the ports that the
 * registration names are open; {@link #serve}; then topics may be changed. The order of an end:
 * {@link #leave}, {@link #close}, and the store by whoever opened it. Stages complete on the
 * metadata lane unless said otherwise.
 */
public final class ClusterMetadata implements AutoCloseable {

  private final MetadataStore store;
  private final Map<String, String> file;
  private final Clock clock;
  private final Lane lane;
  private final RandomGenerator random;
  private final TopicPlanner planner;
  private final ImageKeeper images;
  private final StoreLogRegistry registry;
  private final ProducerIdBlocks producerIds;
  private final NodeAdminService nodes;
  private final StorePartitionMoves moves;

  // Owned by the lane.
  private boolean isImageLoaded;
  private @Nullable NodeSession session;
  private @Nullable NodeRegistration self;
  private @Nullable Controller controller;

  /**
   * What it is made of.
   *
   * @param file the node's configuration, by Kafka's names
   * @param lane the metadata lane: runs what this module does and calls its listeners
   * @param random makes ids; cryptographically strong in production
   * @param delayOfName the delay in ms that a new topic's name asks for
   */
  public record Parts(
      MetadataStore store,
      Map<String, String> file,
      Clock clock,
      Lane lane,
      RandomGenerator random,
      Function<String, Optional<Long>> delayOfName) {}

  /**
   * @param identity from {@link io.tidelog.metadata.node.NodeIds#identify}
   * @throws Fault.Refused {@code INVALID_CONFIG} when the configuration has a wrong value
   */
  public ClusterMetadata(Parts parts, NodeIdentity identity) {
    this.store = parts.store();
    this.file = parts.file();
    this.clock = parts.clock();
    this.lane = parts.lane();
    this.random = parts.random();
    var defaults = TopicDefaults.of(file);
    defaults.check(Map.of());
    this.planner = new TopicPlanner(TopicLimits.of(file), parts.delayOfName(), random);
    long reconcileNs =
        ClusterSettings.value(ClusterSettings.RECONCILE_INTERVAL_MS, file) * 1_000_000L;
    var empty = ClusterView.empty(identity.nodeId(), defaults);
    this.images = new ImageKeeper(store, lane, clock, empty, reconcileNs);
    this.registry = new StoreLogRegistry(store, lane, clock, reconcileNs);
    this.producerIds = new ProducerIdBlocks(store, lane);
    this.nodes = new NodeAdminService(store, images, lane);
    this.moves =
        new StorePartitionMoves(
            store,
            images,
            lane,
            clock,
            ClusterSettings.value(ClusterSettings.MAX_PARTITION_MOVES, file));
    lane.execute(moves::start); // before anything is loaded
  }

  /**
   * Completes when the picture and the registry show what is in the store. May be called again when
   * it failed, and goes on from there.
   */
  public CompletionStage<Void> load() {
    return onLane(
        () ->
            isImageLoaded
                ? registry.start()
                : images
                    .start()
                    .thenComposeAsync(
                        shown -> {
                          isImageLoaded = true;
                          return registry.start();
                        },
                        lane));
  }

  /**
   * Registers this node and keeps it registered.
   *
   * @return fails with {@code Fenced} when its id is another live process'
   */
  public CompletionStage<Void> join(NodeRegistration registration) {
    return onLane(
        () -> {
          self = registration;
          session = new NodeSession(store, lane, clock, SessionLimits.of(file), registration);
          session.follow(images);
          return session.start();
        });
  }

  /**
   * Completes when this process must stop being this node, after {@link #join}. Never fails.
   *
   * @throws IllegalStateException before {@link #join}
   */
  public CompletionStage<Fault> fenced() {
    return onLane(() -> joined(session).ended());
  }

  /**
   * Brings the logs led here to the picture, and stands for controller.
   *
   * @return what changes topics from now on
   */
  public CompletionStage<TopicAdmin> serve(LedLogs led, Handovers handovers) {
    return onLane(
        () -> {
          var machine =
              new ControllerMachine(
                  ControllerLimits.of(file), () -> new LogId(KafkaUuid.random(random)));
          controller =
              new Controller(
                  store, images, joined(session), joined(self), machine, handovers, lane, clock);
          controller.start();
          var service = new TopicService(store, images, led, planner, lane, clock);
          return service.start().thenApply(caughtUp -> service);
        });
  }

  /** Has the others know at once that this node is gone; completes on any thread. */
  public CompletionStage<Void> leave() {
    return onLane(
        () -> {
          if (controller != null) {
            controller.close();
          }
          return session == null ? CompletableFuture.completedStage(null) : session.leave();
        });
  }

  /** Ends the watches; without {@link #leave} the others wait for this node's lease. */
  @Override
  public void close() {
    lane.execute(
        () -> {
          if (controller != null) {
            controller.close();
          }
          if (session != null) {
            session.close();
          }
          registry.close();
          images.close();
        });
  }

  public MetadataStore store() {
    return store;
  }

  public ClusterImages images() {
    return images;
  }

  public LogRegistry registry() {
    return registry;
  }

  /** For the leaders of logs; it shows moves from {@link #load} on. */
  public PartitionMoves moves() {
    return moves;
  }

  public ProducerIds producerIds() {
    return producerIds;
  }

  public NodeAdmin nodes() {
    return nodes;
  }

  /**
   * @param handovers as for {@link #serve}
   */
  public ReplicaAdmin replicas(Handovers handovers) {
    var planner =
        new ReassignmentPlanner(
            () -> new LogId(KafkaUuid.random(random)),
            ClusterSettings.value(ClusterSettings.MAX_LOGS_PER_NODE, file));
    return new ReplicaAdminService(store, images, registry, handovers, planner, lane);
  }

  private <T> CompletionStage<T> onLane(Supplier<CompletionStage<T>> work) {
    return CompletableFuture.supplyAsync(work, lane).thenCompose(stage -> stage);
  }

  private static <T> T joined(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the node has not joined");
    }
    return part;
  }
}
