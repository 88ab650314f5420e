package io.tidelog.coordinator;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.LedLogs;
import io.tidelog.metadata.api.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs Kafka's group coordinator on this node: builds it when it is first needed, creates the
 * offsets topic when a group first needs it, elects and resigns its partitions, and tells it what
 * the cluster looks like. Its state is owned by the coordinator's lane; its stages may be asked for
 * from any thread and complete on a foreign one.
 *
 * <p>Nothing here is needed to open a port: {@link #start} may be called after that, and returns at
 * once.
 */
public final class GroupCoordinatorRuntime {

  private static final Logger LOG = LoggerFactory.getLogger(GroupCoordinatorRuntime.class);
  private static final String TOPIC = OffsetsTopic.NAME;

  /** How long first callers are held back so that they meet loaded groups. */
  private static final long LOAD_GRACE_MS = 500;

  private static final long LOAD_CHECK_MS = 2;

  /** How long after a refused append its partition is elected again. */
  private static final long ELECTION_DELAY_MS = 50;

  private final GroupsConfig config;
  private final CoordinatorPorts ports;
  private final Lane lane;
  private final Clock clock;
  private final OffsetsShards shards;
  private final OffsetsTopic offsetsTopic;

  private final CompletableFuture<GroupCoordinator> built = new CompletableFuture<>();
  private final AtomicBoolean buildAsked = new AtomicBoolean();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final AtomicBoolean closeAsked = new AtomicBoolean();

  /** Completed while the offsets topic is led and was loaded once. */
  private volatile CompletableFuture<GroupCoordinator> ready = new CompletableFuture<>();

  private volatile @Nullable KafkaGroupCoordinator kafka;
  private @Nullable ImageTranslator translator;
  private @Nullable UUID ledTopic;
  private int partitionCount;
  private boolean creating;
  private boolean isAwaitingLoad;
  private final Map<Integer, Integer> epochs = new HashMap<>();

  /** By partition of the offsets topic, the leader epoch it is led in here. */
  private final Map<Integer, Integer> ledIn = new HashMap<>();

  private final List<CompletableFuture<GroupCoordinator>> waiters = new ArrayList<>();

  /**
   * @param lane used by this runtime alone; it also replays logs, so it wants a thread of its own
   */
  public GroupCoordinatorRuntime(
      GroupsConfig config, CoordinatorPorts ports, Lane lane, Clock clock) {
    this.config = config;
    this.ports = ports;
    this.lane = lane;
    this.clock = clock;
    this.shards = new OffsetsShards(ports, lane, clock, config.compactionLimits(), this::onLost);
    this.offsetsTopic = new OffsetsTopic(config, ports.images(), ports.topics());
  }

  /** Follows the cluster; when there is an offsets topic, loads its groups in the background. */
  public void start() {
    ports.images().onChange(image -> lane.execute(this::onChange));
    ports
        .led()
        .onChange(
            new LedLogs.Listener() {
              @Override
              public void onBegan(LedLog log) {
                lane.execute(GroupCoordinatorRuntime.this::onChange);
              }

              @Override
              public void onEnded(LogId log, long term) {
                lane.execute(GroupCoordinatorRuntime.this::onChange);
              }
            });
  }

  /**
   * The coordinator, whether or not there is an offsets topic, which it does not create; enough for
   * listing groups.
   */
  public CompletionStage<GroupCoordinator> coordinator() {
    if (ports.images().current().topic(TOPIC) != null) {
      return coordinatorWithTopic();
    }
    if (buildAsked.compareAndSet(false, true)) {
      lane.execute(this::build);
    }
    return built;
  }

  /**
   * The coordinator with an offsets topic under it, which is created when there is none. Fails with
   * a {@link Fault}; the next call tries again. Whoever answers FindCoordinator for a group asks
   * for this first.
   */
  public CompletionStage<GroupCoordinator> coordinatorWithTopic() {
    var current = ready;
    if (current.isDone()) {
      return current;
    }
    var answer = new CompletableFuture<GroupCoordinator>();
    lane.execute(() -> await(answer));
    return answer;
  }

  /**
   * Whether what is remembered of a group is all that there is to know of it. It is not after the
   * log beneath may have had another leader, which a process that was stopped for a while learns
   * late. Asked after something was read, from any thread: then it was true all the while before.
   */
  public boolean isCurrent(String groupId) {
    var coordinator = kafka;
    var shard =
        coordinator == null ? null : shards.get(coordinator.service().partitionFor(groupId));
    return shard != null && shard.isCurrent();
  }

  /** What the coordinator measures of itself now, nothing while none runs; from any thread. */
  public List<GroupReading> readings() {
    var measured = kafka;
    return measured == null ? List.of() : measured.readings();
  }

  /** Resigns every partition and stops; requests under way fail. May be called twice. */
  public CompletionStage<Void> close() {
    if (closeAsked.compareAndSet(false, true)) {
      lane.execute(this::shutDown);
    }
    return closed;
  }

  private void onChange() {
    if (closeAsked.get()) {
      return;
    }
    var image = ports.images().current();
    var topic = image.topic(TOPIC);
    if (!Objects.equals(ledTopic, topic == null ? null : topic.id())) {
      use(topic);
    }
    if (topic != null && kafka != null) {
      lead(topic, kafka);
    }
    if (translator != null) {
      translator.onImage(image);
    }
  }

  private void build() {
    if (kafka != null || closeAsked.get()) {
      return;
    }
    buildAsked.set(true);
    try {
      var settings = config.toKafka();
      var image = ports.images().current();
      var topic = image.topic(TOPIC);
      partitionCount = topic == null ? settings.offsetsTopicPartitions() : topic.partitionCount();
      var made = new KafkaGroupCoordinator(config.nodeId(), settings, shards, lane, clock);
      made.service().startup(() -> partitionCount);
      kafka = made;
      translator = new ImageTranslator(made.service(), lane, clock);
      translator.onImage(image);
      built.complete(made.service());
    } catch (RuntimeException e) {
      LOG.error("group coordinator could not be built", e);
      built.completeExceptionally(new Fault.Broken("the group coordinator could not be built", e));
    }
  }

  /** Leaves the offsets topic so far for this one, if any. */
  private void use(@Nullable TopicImage topic) {
    build();
    var coordinator = kafka;
    if (coordinator == null) {
      return;
    }
    if (ledTopic != null) {
      LOG.warn("offsets topic is gone, leaving its groups, topic_id={}", ledTopic);
      ledIn
          .keySet()
          .forEach(
              partition -> coordinator.service().onResignation(partition, OptionalInt.empty()));
      ready = new CompletableFuture<>();
    }
    ledIn.clear();
    ledTopic = topic == null ? null : topic.id();
    shards.useTopic(ledTopic);
  }

  /**
   * Serves the partitions whose logs are led here, and no others. In another leader epoch a
   * partition is loaded again: somebody else may have led it in between.
   */
  private void lead(TopicImage topic, KafkaGroupCoordinator coordinator) {
    Map<LogId, Long> terms = new HashMap<>();
    ports.led().led().forEach(log -> terms.put(log.log(), log.term()));
    var homes = topic.homes();
    int count = Math.min(partitionCount, topic.partitionCount());
    for (int partition = 0; partition < count; partition++) {
      var term = terms.get(homes.home(partition));
      var now = term == null ? null : Math.toIntExact(term + homes.baseEpoch(partition));
      if (Objects.equals(now, ledIn.get(partition))) {
        continue;
      }
      if (ledIn.remove(partition) != null) {
        shards.resign(partition);
        coordinator.service().onResignation(partition, OptionalInt.empty());
      }
      if (now != null) {
        ledIn.put(partition, now);
        shards.lead(partition, now);
        elect(partition);
      }
    }
    if (!ready.isDone() && !isAwaitingLoad) {
      isAwaitingLoad = true;
      awaitLoaded(topic.id(), clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(LOAD_GRACE_MS));
    }
  }

  /** Epochs only ever grow, beyond the log's when a partition was lost in between. */
  private void elect(int partition) {
    var coordinator = kafka;
    var id = shards.partition(partition);
    if (coordinator == null || id == null || closeAsked.get()) {
      return;
    }
    var at = shards.snapshot(id);
    int leaderEpoch = at == null ? 0 : at.leaderEpoch();
    int epoch = Math.max(leaderEpoch, epochs.getOrDefault(partition, -1) + 1);
    epochs.put(partition, epoch);
    coordinator.service().onElection(partition, epoch);
  }

  private void awaitLoaded(UUID topicId, long deadlineNs) {
    var coordinator = kafka;
    isAwaitingLoad = false;
    if (!topicId.equals(ledTopic) || coordinator == null) {
      return;
    }
    if (shards.count() < ledIn.size() && clock.monotonicNs() - deadlineNs < 0) {
      isAwaitingLoad = true;
      later(LOAD_CHECK_MS, () -> awaitLoaded(topicId, deadlineNs));
      return;
    }
    ready.complete(coordinator.service());
    waiters.forEach(waiter -> waiter.complete(coordinator.service()));
    waiters.clear();
  }

  private void onLost(OffsetsShard shard) {
    int partition = shard.partition();
    if (kafka == null || shards.get(partition) != shard || closeAsked.get()) {
      return;
    }
    kafka.service().onResignation(partition, OptionalInt.empty());
    later(
        ELECTION_DELAY_MS,
        () -> {
          if (shards.get(partition) == shard) {
            elect(partition);
          }
        });
  }

  private void await(CompletableFuture<GroupCoordinator> answer) {
    build();
    if (kafka == null) {
      answer.completeExceptionally(new Fault.Retriable("the group coordinator does not run"));
    } else if (ready.isDone()) {
      answer.complete(kafka.service());
    } else {
      waiters.add(answer);
      if (ledTopic == null && !creating) {
        create();
      }
    }
  }

  private void create() {
    creating = true;
    offsetsTopic.create().whenComplete((made, failure) -> lane.execute(() -> onCreated(failure)));
  }

  private void onCreated(@Nullable Throwable failure) {
    creating = false;
    if (failure == null) {
      onChange();
    }
    if (ledTopic == null) {
      LOG.warn("offsets topic could not be created", failure);
      failWaiters(new Fault.Retriable("the offsets topic could not be created", failure));
    }
  }

  private void shutDown() {
    shards.close();
    failWaiters(new Fault.Retriable("the group coordinator is closing"));
    built.completeExceptionally(new Fault.Retriable("the group coordinator is closing"));
    if (translator != null) {
      translator.stop();
    }
    if (kafka != null) {
      kafka.close();
      kafka = null;
    }
    closed.complete(null);
  }

  private void failWaiters(Fault fault) {
    waiters.forEach(waiter -> waiter.completeExceptionally(fault));
    waiters.clear();
  }

  private void later(long delayMs, Runnable task) {
    lane.executeAt(clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(delayMs), task);
  }
}
