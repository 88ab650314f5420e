package io.tidelog.metadata.topic;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.HandClock;
import io.tidelog.metadata.LaneThread;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.ConfigUpdate.Action;
import io.tidelog.metadata.api.ConfigUpdate.ConfigChange;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MorePartitions;
import io.tidelog.metadata.api.NewTopic;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.identity.ProducerIdBlocks;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.metadata.store.embedded.EmbeddedMetadataStore;
import io.tidelog.testkit.OneLedLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The topics of one node that leads one log, over a store on disk. */
final class OneNodeTopics implements AutoCloseable {

  private static final Map<String, String> FILE =
      Map.of("num.partitions", "3", "log.retention.hours", "2", "tidelog.logs.per.node", "1");
  private static final long HOUR_NS = 3_600_000_000_000L;
  private static final Endpoint AT = new Endpoint("localhost", 9092);
  private static final UUID DISK = new UUID(1, 1);
  static final LogId LOG = new LogId(new UUID(1, 1));

  private final Path folder;

  final HandClock clock = new HandClock();
  final LaneThread lane = new LaneThread();
  final MemoryHost host = new MemoryHost();
  MetadataStore store;
  ImageKeeper images;
  ProducerIdBlocks producerIds;
  TopicAdmin topics;

  OneNodeTopics(Path folder) {
    this.folder = folder;
    start(FILE);
  }

  private void start(Map<String, String> file) {
    store = EmbeddedMetadataStore.open(folder, clock);
    found();
    var defaults = TopicDefaults.of(file);
    defaults.check(Map.of());
    images = new ImageKeeper(store, lane, clock, ClusterView.empty(1, defaults), HOUR_NS);
    producerIds = new ProducerIdBlocks(store, lane);
    result(images.start());
    var planner = new TopicPlanner(TopicLimits.of(file), OneNodeTopics::delayOf, new Random(7));
    var led = new OneLedLog(new LedLog(LOG, 1, 0, host));
    var service = new TopicService(store, images, led, planner, lane, clock);
    result(service.start());
    topics = service;
  }

  /** One node that leads one log. */
  private void found() {
    var node =
        new NodeRegistration(1, Set.of(NodeRole.values()), AT, AT, null, null, DISK, DISK, false);
    var self = new ReplicaId(1, DISK);
    var log = new LogRecord(LOG, List.of(1), 1, List.of(self), List.of(), 1, 1, 0);
    result(
        store.txn(
            Txn.when(Txn.Compare.absent(Keys.CLUSTER))
                .put(Keys.CLUSTER, StoredValues.cluster(new StoredValues.Cluster("c", 1, 2)))
                .put(Keys.node(1), StoredValues.node(node))
                .put(Keys.log(LOG), StoredValues.log(log))
                .build()));
  }

  @Override
  public void close() {
    lane.execute(images::close);
    store.close();
    lane.close();
  }

  void restart() {
    lane.execute(images::close);
    store.close();
    start(FILE);
  }

  private static Optional<Long> delayOf(String name) {
    return name.endsWith("_30m") ? Optional.of(1_800_000L) : Optional.empty();
  }

  TopicImage create(String name, int partitions) {
    return result(topics.create(plain(name, partitions), false));
  }

  TopicImage create(String name, Map<String, String> configs) {
    return result(topics.create(new NewTopic(name, 1, -1, null, configs), false));
  }

  TopicImage createAssigned(Map<Integer, List<Integer>> assignments) {
    return result(topics.create(assigned(assignments), false));
  }

  static NewTopic assigned(Map<Integer, List<Integer>> assignments) {
    return new NewTopic("assigned-" + assignments.size(), -1, -1, assignments, Map.of());
  }

  static NewTopic plain(String name, int partitions) {
    return new NewTopic(name, partitions, NewTopic.DEFAULT, null, Map.of());
  }

  TopicImage grow(String name, int total) {
    return result(topics.addPartitions(new MorePartitions(name, total, null), false));
  }

  TopicImage alter(ConfigUpdate update) {
    return result(topics.alterConfigs("orders", update, false));
  }

  TopicImage current(String name) {
    return images.current().topic(name);
  }

  static ConfigUpdate set(String name, String value) {
    return change(name, Action.SET, value);
  }

  static ConfigUpdate change(String name, Action action, String value) {
    return new ConfigUpdate.Edit(List.of(new ConfigChange(name, action, value)));
  }

  static void assertRefused(ThrowingCallable call, Refusal refusal, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Fault.Refused.class, fault -> assertThat(fault.refusal()).isEqualTo(refusal))
        .hasMessageContaining(message);
  }
}
