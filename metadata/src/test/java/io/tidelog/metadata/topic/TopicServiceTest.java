package io.tidelog.metadata.topic;

import static io.tidelog.metadata.Await.result;
import static io.tidelog.metadata.topic.OneNodeTopics.LOG;
import static io.tidelog.metadata.topic.OneNodeTopics.assertRefused;
import static io.tidelog.metadata.topic.OneNodeTopics.assigned;
import static io.tidelog.metadata.topic.OneNodeTopics.change;
import static io.tidelog.metadata.topic.OneNodeTopics.plain;
import static io.tidelog.metadata.topic.OneNodeTopics.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.ConfigUpdate.Action;
import io.tidelog.metadata.api.ConfigUpdate.ConfigChange;
import io.tidelog.metadata.api.KafkaUuid;
import io.tidelog.metadata.api.MorePartitions;
import io.tidelog.metadata.api.NewTopic;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.api.TopicImage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicServiceTest {

  @TempDir private Path folder;

  private OneNodeTopics node;

  @BeforeEach
  void start() {
    node = new OneNodeTopics(folder);
  }

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void aCreatedTopicIsShownAndOpenWhenItsCreatorHears() {
    var topic = node.create("orders", 2);
    assertThat(topic.partitionCount()).isEqualTo(2);
    assertThat(node.images.current().topic("orders")).isEqualTo(topic);
    assertThat(node.images.current().topic(topic.id())).isEqualTo(topic);
    assertThat(node.host.open.keySet())
        .containsExactlyInAnyOrder(new PartitionId(topic.id(), 0), new PartitionId(topic.id(), 1));
    assertThat(topic.homes().home(1)).isEqualTo(LOG);
  }

  @Test
  void aTopicWithoutANumberGetsTheNodesDefault() {
    assertThat(node.create("orders", NewTopic.DEFAULT).partitionCount()).isEqualTo(3);
  }

  @Test
  void aTopicInheritsWhatTheNodesFileSays() {
    var partition = node.create("orders", 1).effective().partition();
    assertThat(partition.retentionMs()).isEqualTo(7_200_000);
    assertThat(partition.localRetentionMs()).isEqualTo(7_200_000);
  }

  @Test
  void aCreatorHearsNothingBeforeTheHotTierHasOpened() {
    var opened = new CompletableFuture<Void>();
    node.host.answer = opened;
    var created = node.topics.create(plain("orders", 1), false).toCompletableFuture();
    var shown = new CompletableFuture<TopicImage>();
    node.images.onChange(
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
    node.host.failures.add(broken);
    assertThatThrownBy(() -> node.create("orders", 1)).isSameAs(broken);
  }

  @Test
  void aHotTierThatIsBusyIsAskedAgain() {
    node.host.failures.add(new Fault.Retriable("mailbox full"));
    node.host.failures.add(new Fault.Uncertain("no answer", null));
    var topic = node.create("orders", 2);
    assertThat(node.host.open.keySet()).contains(topic.partition(0), topic.partition(1));
    assertThat(node.host.failures).isEmpty();
  }

  @Test
  void aCreatorHearsOfAHotTierThatIsBusyForLongAndTheTopicIsOpenedWhenItCan() {
    node.host.failing = new Fault.Retriable("disk full");
    var created = node.topics.create(plain("orders", 1), false);
    awaitOpenCalls(2);
    node.clock.passMs(31_000);
    assertThatThrownBy(() -> result(created)).isSameAs(node.host.failing);
    awaitOpenCalls(node.host.openCalls.get() + 200);
    node.host.failing = null;
    awaitOpenCalls(node.host.openCalls.get() + 1);
    var topic = node.images.current().topic("orders");
    assertThat(topic).isNotNull();
    result(node.topics.create(plain("later", 1), false));
    assertThat(node.host.open.keySet()).contains(topic.partition(0)).hasSize(2);
  }

  @Test
  void stepsThatTheHotTierCouldNotFollowAreTriedAgainAllAtOnce() {
    node.host.failing = new Fault.Retriable("disk full");
    var created = new ArrayList<CompletionStage<TopicImage>>();
    for (int i = 0; i < 50; i++) {
      created.add(node.topics.create(plain("t" + i, 1), false));
    }
    awaitOpenCalls(60);
    node.host.failing = null;
    created.forEach(stage -> assertThat(result(stage).partitionCount()).isEqualTo(1));
    assertThat(node.host.open).hasSize(50);
    int calls = node.host.openCalls.get();
    result(node.topics.create(plain("last", 1), false));
    assertThat(node.host.openCalls.get()).isLessThanOrEqualTo(calls + 2);
  }

  private void awaitOpenCalls(int calls) {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (node.host.openCalls.get() < calls) {
      assertThat(System.nanoTime()).as("%s calls", calls).isLessThan(deadlineNs);
      Thread.onSpinWait();
    }
  }

  @Test
  void aTopicOutlivesARestartWithItsId() {
    var before = node.create("orders", 2);
    node.restart();
    assertThat(node.images.current().topic("orders")).isEqualTo(before);
  }

  @Test
  void whatACrashLeftBetweenTheTwoStepsIsHealedAtTheNextStart() {
    var kept = node.create("orders", 2);
    var gone = node.create("letters", 1);
    result(node.topics.delete(gone.id()));
    node.host.open.clear();
    node.host.open.put(new PartitionId(gone.id(), 0), gone.effective().partition());
    node.restart();
    assertThat(node.host.open.keySet())
        .containsExactlyInAnyOrder(new PartitionId(kept.id(), 0), new PartitionId(kept.id(), 1));
  }

  @Test
  void aNameThatIsUsedAgainHasAnotherId() {
    var first = node.create("orders", 1);
    result(node.topics.delete(first.id()));
    assertThat(node.images.current().topic("orders")).isNull();
    assertThat(node.host.open).isEmpty();
    var second = node.create("orders", 1);
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(KafkaUuid.parse(KafkaUuid.toText(second.id()))).isEqualTo(second.id());
  }

  @Test
  void onlyOneOfTwoCreatorsOfANameWins() {
    var answers = new ArrayList<CompletionStage<TopicImage>>();
    for (int i = 0; i < 10; i++) {
      answers.add(node.topics.create(plain("orders", 1), false));
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
    assertThat(node.host.open).hasSize(1);
  }

  @Test
  void namesThatDifferInADotOnlyCollide() {
    var first = node.topics.create(plain("a.b", 1), false);
    var second = node.topics.create(plain("a_b", 1), false);
    result(first);
    assertRefused(
        () -> result(second),
        Refusal.INVALID_TOPIC_EXCEPTION,
        "Topic 'a_b' collides with existing topic: a.b");
    assertRefused(
        () -> node.create("a_b", 1),
        Refusal.INVALID_TOPIC_EXCEPTION,
        "Topic 'a_b' collides with existing topic: a.b");
    result(node.topics.delete(node.images.current().topic("a.b").id()));
    assertThat(node.create("a_b", 1).name()).isEqualTo("a_b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "a b", "ü", "a\n"})
  void anIllegalNameIsRefused(String name) {
    assertRefused(
        () -> node.create(name, 1), Refusal.INVALID_TOPIC_EXCEPTION, "Topic name is invalid");
  }

  @Test
  void aNameMayHave249CharactersAndNoMore() {
    assertThat(node.create("x".repeat(249), 1).partitionCount()).isEqualTo(1);
    assertRefused(
        () -> node.create("x".repeat(250), 1),
        Refusal.INVALID_TOPIC_EXCEPTION,
        "max allowed length");
  }

  @Test
  void badNumbersAreRefusedAsKafkaDoes() {
    assertRefused(() -> node.create("t", 0), Refusal.INVALID_PARTITIONS, "non-positive");
    assertRefused(() -> node.create("t", -2), Refusal.INVALID_PARTITIONS, "non-positive");
    assertRefused(() -> node.create("t", 10_001), Refusal.POLICY_VIOLATION, "max.partitions");
    assertRefused(
        () -> result(node.topics.create(new NewTopic("t", 1, 0, null, Map.of()), false)),
        Refusal.INVALID_REPLICATION_FACTOR,
        "larger than 0");
    assertRefused(
        () -> result(node.topics.create(new NewTopic("t", 1, 2, null, Map.of()), false)),
        Refusal.INVALID_REPLICATION_FACTOR,
        "cannot be reached because only 1 broker(s) are registered");
  }

  @Test
  void replicasMayBeAssignedToThisNodeOnly() {
    var assigned = assigned(Map.of(0, List.of(1), 1, List.of(1)));
    assertThat(result(node.topics.create(assigned, false)).partitionCount()).isEqualTo(2);
    var refusal = Refusal.INVALID_REPLICA_ASSIGNMENT;
    assertRefused(() -> node.createAssigned(Map.of(0, List.of())), refusal, "empty replica list");
    assertRefused(() -> node.createAssigned(Map.of(0, List.of(2))), refusal, "no such broker");
    assertRefused(() -> node.createAssigned(Map.of(0, List.of(1, 1))), refusal, "more than once");
    assertRefused(() -> node.createAssigned(Map.of(1, List.of(1))), refusal, "consecutive");
    assertRefused(
        () ->
            result(
                node.topics.create(
                    new NewTopic("t", 1, -1, Map.of(0, List.of(1)), Map.of()), false)),
        Refusal.INVALID_REQUEST,
        "numPartitions was not set to -1");
  }

  @Test
  void validatingChangesNothing() {
    result(node.topics.create(plain("orders", 1), true));
    assertThat(node.images.current().topics()).isEmpty();
    node.create("orders", 1);
    result(node.topics.addPartitions(new MorePartitions("orders", 4, null), true));
    result(node.topics.alterConfigs("orders", set("retention.ms", "1"), true));
    var topic = node.images.current().topic("orders");
    assertThat(topic.partitionCount()).isEqualTo(1);
    assertThat(topic.configs()).isEmpty();
  }

  @Test
  void settingsAreCheckedAtCreation() {
    assertRefused(
        () -> node.create("t", Map.of("no.such", "1")),
        Refusal.INVALID_CONFIG,
        "Unknown topic config name: no.such");
    assertRefused(
        () -> node.create("t", Map.of("retention.ms", "-2")),
        Refusal.INVALID_CONFIG,
        "at least -1");
    assertRefused(
        () -> node.create("t", Map.of("remote.storage.enable", "false")),
        Refusal.INVALID_CONFIG,
        "cold tier");
    assertRefused(
        () -> node.create("t", Map.of("retention.ms", "10", "local.retention.ms", "11")),
        Refusal.INVALID_CONFIG,
        "must not be more than retention.ms");
    assertThat(node.create("t", Map.of("cleanup.policy", "compact")).effective().partition())
        .matches(config -> config.compacted() && !config.deleted());
  }

  @Test
  void aNameDecidesTheDelayOnceAtCreation() {
    var delayed = node.create("orders_30m", 1);
    assertThat(delayed.configs()).containsEntry("delay.ms", "1800000");
    assertThat(delayed.effective().partition().delayMs()).isEqualTo(1_800_000);
    var plain = node.create("letters_30m", Map.of("delay.ms", "0"));
    assertThat(plain.effective().partition().delayMs()).isZero();
    assertRefused(
        () -> node.create("bills_30m", Map.of("cleanup.policy", "compact")),
        Refusal.INVALID_CONFIG,
        "contradicts delay.ms");
    var replaced =
        result(
            node.topics.alterConfigs(
                "orders_30m", new ConfigUpdate.Replace(Map.of("retention.ms", "5")), false));
    assertThat(replaced.effective().partition().delayMs()).isEqualTo(1_800_000);
  }

  @Test
  void aTopicGrowsAndNeverShrinks() {
    var topic = node.create("orders", 2);
    result(node.topics.addPartitions(new MorePartitions("orders", 5, null), false));
    assertThat(node.images.current().topic("orders").partitionCount()).isEqualTo(5);
    assertThat(node.host.open).hasSize(5).containsKey(new PartitionId(topic.id(), 4));
    assertRefused(() -> node.grow("orders", 5), Refusal.INVALID_PARTITIONS, "already has 5");
    assertRefused(() -> node.grow("orders", 3), Refusal.INVALID_PARTITIONS, "not be an increase");
    assertRefused(() -> node.grow("none", 3), Refusal.UNKNOWN_TOPIC_OR_PARTITION, "does not exist");
    assertRefused(
        () -> result(node.topics.addPartitions(new MorePartitions("orders", 7, List.of()), false)),
        Refusal.INVALID_REPLICA_ASSIGNMENT,
        "only 0 assignment(s)");
  }

  @Test
  void settingsChangeOneByOneOrAllAtOnce() {
    var topic = node.create("orders", Map.of("retention.ms", "1000"));
    result(node.topics.alterConfigs("orders", set("retention.bytes", "77"), false));
    var config = node.host.open.get(new PartitionId(topic.id(), 0));
    assertThat(config.retentionMs()).isEqualTo(1000);
    assertThat(config.retentionBytes()).isEqualTo(77);
    result(
        node.topics.alterConfigs(
            "orders", change("cleanup.policy", Action.APPEND, "compact"), false));
    assertThat(node.current("orders").configs()).containsEntry("cleanup.policy", "delete,compact");
    result(
        node.topics.alterConfigs(
            "orders", change("cleanup.policy", Action.SUBTRACT, "delete"), false));
    assertThat(node.current("orders").effective().partition().deleted()).isFalse();
    result(node.topics.alterConfigs("orders", change("retention.ms", Action.DELETE, null), false));
    assertThat(node.current("orders").effective().partition().retentionMs()).isEqualTo(7_200_000);
    result(
        node.topics.alterConfigs(
            "orders", new ConfigUpdate.Replace(Map.of("max.message.bytes", "9")), false));
    assertThat(node.current("orders").configs()).isEqualTo(Map.of("max.message.bytes", "9"));
    assertThat(node.current("orders").effective().maxMessageBytes()).isEqualTo(9);
  }

  @Test
  void wrongSettingsAreRefusedAsKafkaDoes() {
    node.create("orders", 1);
    assertRefused(
        () -> node.alter(change("retention.ms", Action.APPEND, "1")),
        Refusal.INVALID_CONFIG,
        "Can't APPEND to key retention.ms because its type is not LIST.");
    assertRefused(
        () -> node.alter(change("retention.ms", Action.SET, null)),
        Refusal.INVALID_REQUEST,
        "Null value not supported");
    var twice = new ConfigChange("retention.ms", Action.SET, "1");
    assertRefused(
        () -> node.alter(new ConfigUpdate.Edit(List.of(twice, twice))),
        Refusal.INVALID_REQUEST,
        "duplicate config keys");
    assertRefused(
        () -> result(node.topics.alterConfigs("none", set("retention.ms", "1"), false)),
        Refusal.UNKNOWN_TOPIC_OR_PARTITION,
        "The topic 'none' does not exist.");
  }

  @Test
  void concurrentChangesOfOneTopicAreAllKept() {
    node.create("orders", 1);
    var answers = new ArrayList<CompletionStage<TopicImage>>();
    var names = List.of("retention.ms", "retention.bytes", "max.message.bytes", "segment.ms");
    names.forEach(name -> answers.add(node.topics.alterConfigs("orders", set(name, "10"), false)));
    answers.forEach(answer -> assertThat(result(answer).configs()).isNotEmpty());
    assertThat(node.current("orders").configs()).containsOnlyKeys(names);
  }

  @Test
  void aDynamicBrokerSettingReachesTheTopicsThatInheritIt() {
    var topic = node.create("orders", 1);
    result(
        node.topics.alterNodeConfigs(TopicAdmin.ALL_NODES, set("log.retention.ms", "500"), false));
    var id = new PartitionId(topic.id(), 0);
    assertThat(node.host.open.get(id).retentionMs()).isEqualTo(500);
    result(node.topics.alterNodeConfigs(1, set("log.retention.ms", "400"), false));
    assertThat(node.host.open.get(id).retentionMs()).isEqualTo(400);
    assertThat(node.images.current().nodeConfigs(1)).isEqualTo(Map.of("log.retention.ms", "400"));
    assertRefused(
        () -> result(node.topics.alterNodeConfigs(1, set("num.partitions", "2"), false)),
        Refusal.INVALID_REQUEST,
        "Cannot update these configs dynamically");
    node.restart();
    assertThat(node.current("orders").effective().partition().retentionMs()).isEqualTo(400);
  }

  @Test
  void deletingWhatIsUnknownIsRefused() {
    assertRefused(
        () -> result(node.topics.delete(new UUID(1, 2))), Refusal.UNKNOWN_TOPIC_ID, "topic ID");
  }

  @Test
  void tenThousandPartitionsAreOneSmallWrite() {
    long before = System.nanoTime();
    var topic = node.create("orders", 10_000);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
    assertThat(topic.homes().runs()).hasSize(1);
    assertThat(node.host.openCalls).hasValue(1);
  }

  @Test
  void tenThousandTopicsAskedForTogetherShareTheirCommits() {
    long before = System.nanoTime();
    var answers = new ArrayList<CompletionStage<TopicImage>>();
    for (int i = 0; i < 10_000; i++) {
      answers.add(node.topics.create(plain("topic-" + i, 1), false));
    }
    answers.forEach(answer -> assertThat(result(answer).partitionCount()).isEqualTo(1));
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    assertThat(node.host.openCalls.get()).isLessThan(2_000);
    assertThat(node.host.open).hasSize(10_000);
  }

  @Test
  void noProducerIdIsGivenOutTwice() {
    var ids = new ArrayList<Long>();
    for (int i = 0; i < 1500; i++) {
      ids.add(result(node.producerIds.next()));
    }
    node.restart();
    ids.add(result(node.producerIds.next()));
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(ids.getLast()).isEqualTo(2000);
  }
}
