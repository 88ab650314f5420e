package io.tidelog.metadata;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.LedLogs;
import io.tidelog.core.log.PartitionHost;
import io.tidelog.metadata.api.ClusterIdentity;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NodeImage;
import io.tidelog.metadata.api.ProducerIds;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.identity.IdentityKeeper;
import io.tidelog.metadata.identity.ProducerIdBlocks;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.store.embedded.EmbeddedMetadataStore;
import io.tidelog.metadata.topic.TopicLimits;
import io.tidelog.metadata.topic.TopicPlanner;
import io.tidelog.metadata.topic.TopicService;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * The metadata of one node with an embedded store. The order of a start: {@link #open}, {@link
 * #found} to learn the node's log, read that log's term, {@link #join}, open the hot tier, {@link
 * #start} with it; then topics may be changed. Its stages complete on the metadata lane.
 */
public final class MetadataRuntime implements AutoCloseable {

  private final MetadataStore store;
  private final Clock clock;
  private final Lane lane;
  private final RandomGenerator random;
  private final IdentityKeeper identity;
  private final ImageKeeper images;
  private final ProducerIdBlocks producerIds;
  private final TopicLimits limits;
  private final Function<String, Optional<Long>> delayOfName;

  private MetadataRuntime(
      MetadataStore store,
      Map<String, String> file,
      Clock clock,
      Lane lane,
      RandomGenerator random,
      Function<String, Optional<Long>> delayOfName) {
    this.store = store;
    this.clock = clock;
    this.lane = lane;
    this.random = random;
    this.delayOfName = delayOfName;
    var defaults = TopicDefaults.of(file);
    defaults.check(Map.of());
    this.limits = TopicLimits.of(file);
    this.identity = new IdentityKeeper(store, lane, random);
    this.images = new ImageKeeper(store, lane, clock, IdentityKeeper.ONLY_NODE_ID, defaults);
    this.producerIds = new ProducerIdBlocks(store, lane);
  }

  /**
   * Opens the store; blocks while it reads its log.
   *
   * @param file the node's configuration file, by Kafka's names
   * @param lane the metadata lane: runs what this module does and calls its listeners
   * @param random makes ids; cryptographically strong in production
   * @param delayOfName the delay in ms that a new topic's name asks for
   * @throws io.tidelog.core.Fault.Broken when the folder is in use or damaged
   * @throws io.tidelog.core.Fault.Refused {@code INVALID_CONFIG} when the file has a wrong value
   */
  public static MetadataRuntime open(
      Path folder,
      Map<String, String> file,
      Clock clock,
      Lane lane,
      RandomGenerator random,
      Function<String, Optional<Long>> delayOfName) {
    var store = EmbeddedMetadataStore.open(folder, clock);
    try {
      return new MetadataRuntime(store, file, clock, lane, random, delayOfName);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** Who this node was in the process before; founds the cluster when the store is empty. */
  public CompletionStage<ClusterIdentity> found() {
    return identity.found();
  }

  /**
   * Begins this process' term.
   *
   * @param diskId of the disk that holds the log
   * @param diskTerm the highest term found in the log itself, 0 in an empty one
   */
  public CompletionStage<ClusterIdentity> join(ClusterIdentity found, UUID diskId, long diskTerm) {
    return identity.join(found, diskId, diskTerm);
  }

  /**
   * Registers this node, reads the picture and brings the hot tier to it; completes when every
   * partition is open.
   *
   * @return what changes topics from now on
   */
  public CompletionStage<TopicAdmin> start(LogId log, NodeImage self, PartitionHost host) {
    var planner = new TopicPlanner(limits, delayOfName, random);
    // Its term was agreed on before the picture is read.
    var led = LedLogs.only(new LedLog(log, 0, 0, host));
    return identity
        .register(log, self)
        .thenComposeAsync(registered -> images.start(), lane)
        .thenComposeAsync(
            loaded -> {
              var service = new TopicService(store, images, led, planner, lane, clock);
              return service.start().thenApply(caughtUp -> service);
            },
            lane);
  }

  public MetadataStore store() {
    return store;
  }

  public ClusterImages images() {
    return images;
  }

  public ProducerIds producerIds() {
    return producerIds;
  }

  /** Ends the watch and the store; what was acknowledged is durable already. */
  @Override
  public void close() {
    lane.execute(images::close);
    store.close();
  }
}
