package io.tidelog.metadata.topic;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.LedLogs;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.HandClock;
import io.tidelog.metadata.LaneThread;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.ConfigUpdate.Action;
import io.tidelog.metadata.api.ConfigUpdate.ConfigChange;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.KafkaUuid;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicServiceTest {

  private static final Map<String, String> FILE =
      Map.of("num.partitions", "3", "log.retention.hours", "2", "tidelog.logs.per.node", "1");
  private static final long HOUR_NS = 3_600_000_000_000L;
  private static final Endpoint AT = new Endpoint("localhost", 9092);
  private static final UUID DISK = new UUID(1, 1);
  private static final LogId LOG = new LogId(new UUID(1, 1));

  @TempDir private Path folder;

  private final HandClock clock = new HandClock();
  private final LaneThread lane = new LaneThread();
  private final MemoryHost host = new MemoryHost();
  private MetadataStore store;
  private ImageKeeper images;
  private ProducerIdBlocks producerIds;
  private TopicAdmin topics;

  @BeforeEach
  void start() {
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
    var planner = new TopicPlanner(TopicLimits.of(file), TopicServiceTest::delayOf, new Random(7));
    var led = LedLogs.only(new LedLog(LOG, 1, 0, host));
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

  @AfterEach
  void stop() {
    lane.execute(images::close);
    store.close();
    lane.close();
  }

  private void restart() {
    lane.execute(images::close);
    store.close();
    start(FILE);
  }

  private static Optional<Long> delayOf(String name) {
    return name.endsWith("_30m") ? Optional.of(1_800_000L) : Optional.empty();
  }

  @Test
  void aCreatedTopicIsShownAndOpenWhenItsCreatorHears() {
    var topic = create("orders", 2);
    assertThat(topic.partitionCount()).isEqualTo(2);
    assertThat(images.current().topic("orders")).isEqualTo(topic);
    assertThat(images.current().topic(topic.id())).isEqualTo(topic);
    assertThat(host.open.keySet())
        .containsExactlyInAnyOrder(new PartitionId(topic.id(), 0), new PartitionId(topic.id(), 1));
    assertThat(topic.homes().home(1)).isEqualTo(LOG);
  }

  @Test
  void aTopicWithoutANumberGetsTheNodesDefault() {
    assertThat(create("orders", NewTopic.DEFAULT).partitionCount()).isEqualTo(3);
  }

  @Test
  void aTopicInheritsWhatTheNodesFileSays() {
    var partition = create("orders", 1).effective().partition();
    assertThat(partition.retentionMs()).isEqualTo(7_200_000);
    assertThat(partition.localRetentionMs()).isEqualTo(7_200_000);
  }

  @Test
  void aCreatorHearsNothingBeforeTheHotTierHasOpened() {
    var opened = new CompletableFuture<Void>();
    host.answer = opened;
    var created = topics.create(plain("orders", 1), false).toCompletableFuture();
    var shown = new CompletableFuture<TopicImage>();
    images.onChange(
        image -> {
          if (image.topic("orders") != null) {
            shown.complete(image.topic("orders"));
          }
        });
    result(shown);
    assertThat(created).isNotDone();
    opened.complete(null);
    assertThat(result(created).name()).isEqualTo("orders");
  }

  @Test
  void aCreatorHearsOfAHotTierThatFails() {
    var broken = new Fault.Broken("no disk");
    host.failures.add(broken);
    assertThatThrownBy(() -> create("orders", 1)).isSameAs(broken);
  }

  @Test
  void aHotTierThatIsBusyIsAskedAgain() {
    host.failures.add(new Fault.Retriable("mailbox full"));
    host.failures.add(new Fault.Uncertain("no answer", null));
    var topic = create("orders", 2);
    assertThat(host.open.keySet()).contains(topic.partition(0), topic.partition(1));
    assertThat(host.failures).isEmpty();
  }

  @Test
  void aCreatorHearsOfAHotTierThatIsBusyForLongAndTheTopicIsOpenedWhenItCan() {
    host.failing = new Fault.Retriable("disk full");
    var created = topics.create(plain("orders", 1), false);
    awaitOpenCalls(2);
    clock.passMs(31_000);
    assertThatThrownBy(() -> result(created)).isSameAs(host.failing);
    awaitOpenCalls(host.openCalls.get() + 200);
    host.failing = null;
    awaitOpenCalls(host.openCalls.get() + 1);
    var topic = images.current().topic("orders");
    assertThat(topic).isNotNull();
    result(topics.create(plain("later", 1), false));
    assertThat(host.open.keySet()).contains(topic.partition(0)).hasSize(2);
  }

  @Test
  void stepsThatTheHotTierCouldNotFollowAreTriedAgainAllAtOnce() {
    host.failing = new Fault.Retriable("disk full");
    var created = new ArrayList<CompletionStage<TopicImage>>();
    for (int i = 0; i < 50; i++) {
      created.add(topics.create(plain("t" + i, 1), false));
    }
    awaitOpenCalls(60);
    host.failing = null;
    created.forEach(stage -> assertThat(result(stage).partitionCount()).isEqualTo(1));
    assertThat(host.open).hasSize(50);
    int calls = host.openCalls.get();
    result(topics.create(plain("last", 1), false));
    assertThat(host.openCalls.get()).isLessThanOrEqualTo(calls + 2);
  }

  private void awaitOpenCalls(int calls) {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (host.openCalls.get() < calls) {
      assertThat(System.nanoTime()).as("%s calls", calls).isLessThan(deadlineNs);
      Thread.onSpinWait();
    }
  }

  @Test
  void aTopicOutlivesARestartWithItsId() {
    var before = create("orders", 2);
    restart();
    assertThat(images.current().topic("orders")).isEqualTo(before);
  }

  @Test
  void whatACrashLeftBetweenTheTwoStepsIsHealedAtTheNextStart() {
    var kept = create("orders", 2);
    var gone = create("letters", 1);
    result(topics.delete(gone.id()));
    host.open.clear();
    host.open.put(new PartitionId(gone.id(), 0), gone.effective().partition());
    restart();
    assertThat(host.open.keySet())
        .containsExactlyInAnyOrder(new PartitionId(kept.id(), 0), new PartitionId(kept.id(), 1));
  }

  @Test
  void aNameThatIsUsedAgainHasAnotherId() {
    var first = create("orders", 1);
    result(topics.delete(first.id()));
    assertThat(images.current().topic("orders")).isNull();
    assertThat(host.open).isEmpty();
    var second = create("orders", 1);
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(KafkaUuid.parse(KafkaUuid.toText(second.id()))).isEqualTo(second.id());
  }

  @Test
  void onlyOneOfTwoCreatorsOfANameWins() {
    var answers = new ArrayList<CompletionStage<TopicImage>>();
    for (int i = 0; i < 10; i++) {
      answers.add(topics.create(plain("orders", 1), false));
    }
    int won = 0;
    for (var answer : answers) {
      try {
        result(answer);
        won++;
      } catch (Fault.Refused e) {
        assertThat(e.refusal()).isEqualTo(Refusal.TOPIC_ALREADY_EXISTS);
      }
    }
    assertThat(won).isEqualTo(1);
    assertThat(host.open).hasSize(1);
  }

  @Test
  void namesThatDifferInADotOnlyCollide() {
    var first = topics.create(plain("a.b", 1), false);
    var second = topics.create(plain("a_b", 1), false);
    result(first);
    assertRefused(
        () -> result(second),
        Refusal.INVALID_TOPIC_EXCEPTION,
        "Topic 'a_b' collides with existing topic: a.b");
    assertRefused(
        () -> create("a_b", 1),
        Refusal.INVALID_TOPIC_EXCEPTION,
        "Topic 'a_b' collides with existing topic: a.b");
    result(topics.delete(images.current().topic("a.b").id()));
    assertThat(create("a_b", 1).name()).isEqualTo("a_b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "a b", "ü", "a\n"})
  void anIllegalNameIsRefused(String name) {
    assertRefused(() -> create(name, 1), Refusal.INVALID_TOPIC_EXCEPTION, "Topic name is invalid");
  }

  @Test
  void aNameMayHave249CharactersAndNoMore() {
    assertThat(create("x".repeat(249), 1).partitionCount()).isEqualTo(1);
    assertRefused(
        () -> create("x".repeat(250), 1), Refusal.INVALID_TOPIC_EXCEPTION, "max allowed length");
  }

  @Test
  void badNumbersAreRefusedAsKafkaDoes() {
    assertRefused(() -> create("t", 0), Refusal.INVALID_PARTITIONS, "non-positive");
    assertRefused(() -> create("t", -2), Refusal.INVALID_PARTITIONS, "non-positive");
    assertRefused(() -> create("t", 10_001), Refusal.POLICY_VIOLATION, "max.partitions");
    assertRefused(
        () -> result(topics.create(new NewTopic("t", 1, 0, null, Map.of()), false)),
        Refusal.INVALID_REPLICATION_FACTOR,
        "larger than 0");
    assertRefused(
        () -> result(topics.create(new NewTopic("t", 1, 2, null, Map.of()), false)),
        Refusal.INVALID_REPLICATION_FACTOR,
        "cannot be reached because only 1 broker(s) are registered");
  }

  @Test
  void replicasMayBeAssignedToThisNodeOnly() {
    var assigned = assigned(Map.of(0, List.of(1), 1, List.of(1)));
    assertThat(result(topics.create(assigned, false)).partitionCount()).isEqualTo(2);
    var refusal = Refusal.INVALID_REPLICA_ASSIGNMENT;
    assertRefused(() -> createAssigned(Map.of(0, List.of())), refusal, "empty replica list");
    assertRefused(() -> createAssigned(Map.of(0, List.of(2))), refusal, "no such broker");
    assertRefused(() -> createAssigned(Map.of(0, List.of(1, 1))), refusal, "more than once");
    assertRefused(() -> createAssigned(Map.of(1, List.of(1))), refusal, "consecutive");
    assertRefused(
        () ->
            result(topics.create(new NewTopic("t", 1, -1, Map.of(0, List.of(1)), Map.of()), false)),
        Refusal.INVALID_REQUEST,
        "numPartitions was not set to -1");
  }

  @Test
  void validatingChangesNothing() {
    result(topics.create(plain("orders", 1), true));
    assertThat(images.current().topics()).isEmpty();
    create("orders", 1);
    result(topics.addPartitions(new MorePartitions("orders", 4, null), true));
    result(topics.alterConfigs("orders", set("retention.ms", "1"), true));
    var topic = images.current().topic("orders");
    assertThat(topic.partitionCount()).isEqualTo(1);
    assertThat(topic.configs()).isEmpty();
  }

  @Test
  void settingsAreCheckedAtCreation() {
    assertRefused(
        () -> create("t", Map.of("no.such", "1")),
        Refusal.INVALID_CONFIG,
        "Unknown topic config name: no.such");
    assertRefused(
        () -> create("t", Map.of("retention.ms", "-2")), Refusal.INVALID_CONFIG, "at least -1");
    assertRefused(
        () -> create("t", Map.of("remote.storage.enable", "false")),
        Refusal.INVALID_CONFIG,
        "cold tier");
    assertRefused(
        () -> create("t", Map.of("retention.ms", "10", "local.retention.ms", "11")),
        Refusal.INVALID_CONFIG,
        "must not be more than retention.ms");
    assertThat(create("t", Map.of("cleanup.policy", "compact")).effective().partition())
        .matches(config -> config.compacted() && !config.deleted());
  }

  @Test
  void aNameDecidesTheDelayOnceAtCreation() {
    var delayed = create("orders_30m", 1);
    assertThat(delayed.configs()).containsEntry("delay.ms", "1800000");
    assertThat(delayed.effective().partition().delayMs()).isEqualTo(1_800_000);
    var plain = create("letters_30m", Map.of("delay.ms", "0"));
    assertThat(plain.effective().partition().delayMs()).isZero();
    assertRefused(
        () -> create("bills_30m", Map.of("cleanup.policy", "compact")),
        Refusal.INVALID_CONFIG,
        "contradicts delay.ms");
    var replaced =
        result(
            topics.alterConfigs(
                "orders_30m", new ConfigUpdate.Replace(Map.of("retention.ms", "5")), false));
    assertThat(replaced.effective().partition().delayMs()).isEqualTo(1_800_000);
  }

  @Test
  void aTopicGrowsAndNeverShrinks() {
    var topic = create("orders", 2);
    result(topics.addPartitions(new MorePartitions("orders", 5, null), false));
    assertThat(images.current().topic("orders").partitionCount()).isEqualTo(5);
    assertThat(host.open).hasSize(5).containsKey(new PartitionId(topic.id(), 4));
    assertRefused(() -> grow("orders", 5), Refusal.INVALID_PARTITIONS, "already has 5");
    assertRefused(() -> grow("orders", 3), Refusal.INVALID_PARTITIONS, "not be an increase");
    assertRefused(() -> grow("none", 3), Refusal.UNKNOWN_TOPIC_OR_PARTITION, "does not exist");
    assertRefused(
        () -> result(topics.addPartitions(new MorePartitions("orders", 7, List.of()), false)),
        Refusal.INVALID_REPLICA_ASSIGNMENT,
        "only 0 assignment(s)");
  }

  @Test
  void settingsChangeOneByOneOrAllAtOnce() {
    var topic = create("orders", Map.of("retention.ms", "1000"));
    result(topics.alterConfigs("orders", set("retention.bytes", "77"), false));
    var config = host.open.get(new PartitionId(topic.id(), 0));
    assertThat(config.retentionMs()).isEqualTo(1000);
    assertThat(config.retentionBytes()).isEqualTo(77);
    result(
        topics.alterConfigs("orders", change("cleanup.policy", Action.APPEND, "compact"), false));
    assertThat(current("orders").configs()).containsEntry("cleanup.policy", "delete,compact");
    result(
        topics.alterConfigs("orders", change("cleanup.policy", Action.SUBTRACT, "delete"), false));
    assertThat(current("orders").effective().partition().deleted()).isFalse();
    result(topics.alterConfigs("orders", change("retention.ms", Action.DELETE, null), false));
    assertThat(current("orders").effective().partition().retentionMs()).isEqualTo(7_200_000);
    result(
        topics.alterConfigs(
            "orders", new ConfigUpdate.Replace(Map.of("max.message.bytes", "9")), false));
    assertThat(current("orders").configs()).isEqualTo(Map.of("max.message.bytes", "9"));
    assertThat(current("orders").effective().maxMessageBytes()).isEqualTo(9);
  }

  @Test
  void wrongSettingsAreRefusedAsKafkaDoes() {
    create("orders", 1);
    assertRefused(
        () -> alter(change("retention.ms", Action.APPEND, "1")),
        Refusal.INVALID_CONFIG,
        "Can't APPEND to key retention.ms because its type is not LIST.");
    assertRefused(
        () -> alter(change("retention.ms", Action.SET, null)),
        Refusal.INVALID_REQUEST,
        "Null value not supported");
    var twice = new ConfigChange("retention.ms", Action.SET, "1");
    assertRefused(
        () -> alter(new ConfigUpdate.Edit(List.of(twice, twice))),
        Refusal.INVALID_REQUEST,
        "duplicate config keys");
    assertRefused(
        () -> result(topics.alterConfigs("none", set("retention.ms", "1"), false)),
        Refusal.UNKNOWN_TOPIC_OR_PARTITION,
        "The topic 'none' does not exist.");
  }

  @Test
  void concurrentChangesOfOneTopicAreAllKept() {
    create("orders", 1);
    var answers = new ArrayList<CompletionStage<TopicImage>>();
    var names = List.of("retention.ms", "retention.bytes", "max.message.bytes", "segment.ms");
    names.forEach(name -> answers.add(topics.alterConfigs("orders", set(name, "10"), false)));
    answers.forEach(answer -> assertThat(result(answer).configs()).isNotEmpty());
    assertThat(current("orders").configs()).containsOnlyKeys(names);
  }

  @Test
  void aDynamicBrokerSettingReachesTheTopicsThatInheritIt() {
    var topic = create("orders", 1);
    result(topics.alterNodeConfigs(TopicAdmin.ALL_NODES, set("log.retention.ms", "500"), false));
    var id = new PartitionId(topic.id(), 0);
    assertThat(host.open.get(id).retentionMs()).isEqualTo(500);
    result(topics.alterNodeConfigs(1, set("log.retention.ms", "400"), false));
    assertThat(host.open.get(id).retentionMs()).isEqualTo(400);
    assertThat(images.current().nodeConfigs(1)).isEqualTo(Map.of("log.retention.ms", "400"));
    assertRefused(
        () -> result(topics.alterNodeConfigs(1, set("num.partitions", "2"), false)),
        Refusal.INVALID_REQUEST,
        "Cannot update these configs dynamically");
    restart();
    assertThat(current("orders").effective().partition().retentionMs()).isEqualTo(400);
  }

  @Test
  void deletingWhatIsUnknownIsRefused() {
    assertRefused(
        () -> result(topics.delete(new UUID(1, 2))), Refusal.UNKNOWN_TOPIC_ID, "topic ID");
  }

  @Test
  void tenThousandPartitionsAreOneSmallWrite() {
    long before = System.nanoTime();
    var topic = create("orders", 10_000);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
    assertThat(topic.homes().runs()).hasSize(1);
    assertThat(host.openCalls).hasValue(1);
  }

  @Test
  void tenThousandTopicsAskedForTogetherShareTheirCommits() {
    long before = System.nanoTime();
    var answers = new ArrayList<CompletionStage<TopicImage>>();
    for (int i = 0; i < 10_000; i++) {
      answers.add(topics.create(plain("topic-" + i, 1), false));
    }
    answers.forEach(answer -> assertThat(result(answer).partitionCount()).isEqualTo(1));
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    assertThat(host.openCalls.get()).isLessThan(2_000);
    assertThat(host.open).hasSize(10_000);
  }

  @Test
  void noProducerIdIsGivenOutTwice() {
    var ids = new ArrayList<Long>();
    for (int i = 0; i < 1500; i++) {
      ids.add(result(producerIds.next()));
    }
    restart();
    ids.add(result(producerIds.next()));
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(ids.getLast()).isEqualTo(2000);
  }

  private TopicImage create(String name, int partitions) {
    return result(topics.create(plain(name, partitions), false));
  }

  private TopicImage create(String name, Map<String, String> configs) {
    return result(topics.create(new NewTopic(name, 1, -1, null, configs), false));
  }

  private TopicImage createAssigned(Map<Integer, List<Integer>> assignments) {
    return result(topics.create(assigned(assignments), false));
  }

  private static NewTopic assigned(Map<Integer, List<Integer>> assignments) {
    return new NewTopic("assigned-" + assignments.size(), -1, -1, assignments, Map.of());
  }

  private static NewTopic plain(String name, int partitions) {
    return new NewTopic(name, partitions, NewTopic.DEFAULT, null, Map.of());
  }

  private TopicImage grow(String name, int total) {
    return result(topics.addPartitions(new MorePartitions(name, total, null), false));
  }

  private TopicImage alter(ConfigUpdate update) {
    return result(topics.alterConfigs("orders", update, false));
  }

  private TopicImage current(String name) {
    return images.current().topic(name);
  }

  private static ConfigUpdate set(String name, String value) {
    return change(name, Action.SET, value);
  }

  private static ConfigUpdate change(String name, Action action, String value) {
    return new ConfigUpdate.Edit(List.of(new ConfigChange(name, action, value)));
  }

  private static void assertRefused(ThrowingCallable call, Refusal refusal, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Fault.Refused.class, fault -> assertThat(fault.refusal()).isEqualTo(refusal))
        .hasMessageContaining(message);
  }
}
