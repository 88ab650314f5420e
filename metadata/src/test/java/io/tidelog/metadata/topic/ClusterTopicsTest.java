package io.tidelog.metadata.topic;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.LedLog;
import io.tidelog.metadata.FaultyWatchStore;
import io.tidelog.metadata.Waiting;
import io.tidelog.metadata.WallClock;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MorePartitions;
import io.tidelog.metadata.api.NewTopic;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.metadata.store.embedded.EmbeddedMetadataStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

class ClusterTopicsTest {

  private static final Map<String, String> FILE =
      Map.of("default.replication.factor", "3", "min.insync.replicas", "2");

  @TempDir private Path folder;

  private final List<TopicNode> nodes = new ArrayList<>();
  private MetadataStore store;
  private FaultyWatchStore faulty;

  @BeforeEach
  void start() {
    store = EmbeddedMetadataStore.open(folder, new WallClock());
    faulty = new FaultyWatchStore(store, 3);
    for (int id = 1; id <= 3; id++) {
      var node = TopicNode.registration(id, "rack-" + id);
      result(store.txn(Txn.when().put(Keys.node(id), StoredValues.node(node)).build()));
    }
    for (int id = 1; id <= 3; id++) {
      nodes.add(new TopicNode(id, store, FILE, true));
    }
  }

  @AfterEach
  void stop() {
    nodes.forEach(TopicNode::close);
    store.close();
  }

  @Test
  void theFirstTopicOfAClassBringsItsLogs() {
    var topic = create(1, "orders", 12);
    var view = nodes.getFirst().images.current();
    assertThat(view.logs()).hasSize(6);
    assertThat(topic.homes().runs()).hasSize(6).allMatch(run -> run.count() == 2);
    for (int partition = 0; partition < 12; partition++) {
      var place = view.place(topic, partition);
      assertThat(place.replicas()).containsExactlyInAnyOrder(1, 2, 3);
      assertThat(place.inSync()).containsExactlyElementsOf(place.replicas());
      assertThat(place.offline()).isEmpty();
    }
  }

  @Test
  void nodesThatCreateTheFirstTopicsTogetherMakeTheLogsOnce() {
    var answers = new ArrayList<CompletionStage<TopicImage>>();
    for (int i = 0; i < 60; i++) {
      answers.add(node(1 + i % 3).admin().create(plain("topic-" + i, 2), false));
    }
    answers.forEach(answer -> assertThat(result(answer).partitionCount()).isEqualTo(2));
    var view = node(1).images.current();
    assertThat(view.logs()).hasSize(6);
    assertThat(view.members().logClasses().get(Keys.logClass(3, 2)).number()).isEqualTo(6);
    // Sixty topics that nobody saw coming together: no log has more than its share by much.
    Waiting.until(node(1).lane, "all", () -> node(1).images.current().partitionTotal() == 120);
    assertThat(node(1).images.current().partitionsByLog().values())
        .allMatch(count -> count >= 10 && count <= 32);
  }

  @Test
  void ofTwoNodesThatCreateOneTopicOneIsRefused() {
    var first = node(1).admin().create(plain("orders", 2), false);
    var second = node(2).admin().create(plain("orders", 2), false);
    var failures =
        IntStream.range(0, 2)
            .filter(i -> failure(i == 0 ? first : second) == Refusal.TOPIC_ALREADY_EXISTS)
            .count();
    assertThat(failures).isEqualTo(1);
  }

  @Test
  void eachLeaderOpensThePartitionsAtHomeInItsLogs() {
    var topic = create(1, "orders", 12);
    var host = new MemoryHost();
    var log = node(1).images.current().log(topic.homes().home(0));
    node(2).begin(new LedLog(log.id(), 1, log.modRevision(), host));
    Waiting.until(node(2).lane, "open", () -> host.open.size() == 2);
    var grown = result(node(3).admin().addPartitions(more("orders", 18), false));
    Waiting.until(node(2).lane, "grown", () -> host.open.size() == 3);
    assertThat(host.open.keySet())
        .allMatch(id -> grown.homes().home(id.partition()).equals(log.id()));
    result(node(3).admin().delete(topic.id()));
    Waiting.until(node(2).lane, "closed", () -> host.open.isEmpty());
  }

  /** Its move opens it there; what the settings have become meanwhile nobody else would say. */
  @Test
  void aPartitionThatMovedIsToldItsSettingsWhereItIsNow() {
    var topic = create(1, "orders", 12);
    var target = topic.homes().home(11);
    var host = new MemoryHost();
    var log = node(1).images.current().log(target);
    node(2).begin(new LedLog(target, 1, log.modRevision(), host));
    Waiting.until(node(2).lane, "open", () -> host.open.size() == 2);

    var moved = topic.withHomes(topic.homes().withHome(0, target, 3));
    result(store.txn(Txn.when().put(Keys.topic("orders"), StoredValues.topic(moved)).build()));

    Waiting.until(node(2).lane, "told", () -> host.open.containsKey(topic.partition(0)));
    assertThat(host.open).hasSize(3);
  }

  @Test
  void aNewLeaderOpensWhatTheOldOneDidNotAndClosesWhatIsGone() {
    var kept = create(1, "kept", 6);
    var gone = create(1, "gone", 6);
    var log = kept.homes().home(0);
    var host = new MemoryHost();
    for (int i = 0; i < 6; i++) {
      if (gone.homes().home(i).equals(log)) {
        host.open.put(gone.partition(i), gone.effective().partition());
      }
    }
    result(node(3).admin().delete(gone.id()));
    long revision = result(store.get(Keys.log(log))).modRevision();
    node(2).begin(new LedLog(log, 2, revision, host));
    Waiting.until(
        node(2).lane,
        "only what exists",
        () ->
            host.open.size() == 1
                && host.open.keySet().iterator().next().topicId().equals(kept.id()));
  }

  /** Nothing is closed on the word of a picture that may be older than the topic. */
  @Test
  void aNewLeaderWhoseWatchLostATopicKeepsItsPartitions() {
    var first = create(1, "first", 6);
    var log = first.homes().home(0);
    var blind = new TopicNode(9, new FaultyWatchStore(store, 3, 1), FILE, false);
    nodes.add(blind);
    var late = create(1, "late", 6);
    var host = new MemoryHost();
    for (int i = 0; i < 6; i++) {
      if (late.homes().home(i).equals(log)) {
        host.open.put(late.partition(i), late.effective().partition());
      }
    }
    assertThat(host.open).hasSize(1);
    assertThat(blind.images.current().topic("late")).isNull();
    var taken = StoredValues.log(result(store.get(Keys.log(log))));
    var next = taken.takenOverBy(taken.inSync().getFirst(), 5);
    long revision =
        result(store.txn(Txn.when().put(Keys.log(log), StoredValues.log(next)).build())).revision();
    blind.begin(new LedLog(log, 5, revision, host));
    Waiting.until(blind.lane, "both topics", () -> host.open.size() == 2);
    assertThat(host.closeCalls).hasValue(0);
  }

  @Test
  void aWatchThatLosesAndReordersShowsEveryNodeTheSameInTheEnd() {
    var other = new TopicNode(7, faulty, FILE, true);
    nodes.add(other);
    var topic = create(1, "orders", 12);
    var host = new MemoryHost();
    var log = topic.homes().home(0);
    long revision = result(store.get(Keys.log(log))).modRevision();
    other.begin(new LedLog(log, 1, revision, host));
    var names = new HashSet<String>(List.of("orders"));
    for (int i = 0; i < 40; i++) {
      create(1 + i % 3, "topic-" + i, 6);
      names.add("topic-" + i);
      if (i % 4 == 3) {
        var gone = node(1).images.current().topic("topic-" + (i - 2));
        if (gone != null) {
          result(node(1).admin().delete(gone.id()));
          names.remove(gone.name());
        }
      }
    }
    Waiting.until(
        other.lane,
        "the same topics",
        () -> other.images.current().topicsByName().keySet().equals(names));
    Waiting.until(
        other.lane,
        "the same partitions",
        () ->
            host.open.keySet().equals(atHome(other.images.current().topicsByName().values(), log)));
  }

  private static HashSet<PartitionId> atHome(Iterable<TopicImage> topics, LogId log) {
    var ids = new HashSet<PartitionId>();
    for (var topic : topics) {
      for (int i = 0; i < topic.partitionCount(); i++) {
        if (topic.homes().home(i).equals(log)) {
          ids.add(topic.partition(i));
        }
      }
    }
    return ids;
  }

  @Test
  void moreReplicasThanHotNodesAreRefused() {
    assertThatThrownBy(
            () -> result(node(1).admin().create(new NewTopic("wide", 1, 4, null, Map.of()), false)))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("only 3 broker(s) are registered");
  }

  @Test
  void anAssignmentFindsTheLogThatHasItsReplicas() {
    create(1, "orders", 6);
    var wish = Map.of(0, List.of(3, 1, 2), 1, List.of(2, 3, 1));
    var topic =
        result(
            node(1)
                .admin()
                .create(
                    new NewTopic("mine", NewTopic.DEFAULT, NewTopic.DEFAULT, wish, Map.of()),
                    false));
    var view = node(1).images.current();
    assertThat(view.place(topic, 0).replicas().getFirst()).isEqualTo(3);
    assertThat(view.place(topic, 1).replicas().getFirst()).isEqualTo(2);
    var narrow = Map.of(0, List.of(3, 1));
    var refused =
        node(1)
            .admin()
            .create(
                new NewTopic("other", NewTopic.DEFAULT, NewTopic.DEFAULT, narrow, Map.of()), false);
    assertThat(failure(refused)).isEqualTo(Refusal.INVALID_REPLICA_ASSIGNMENT);
  }

  @Test
  void tenThousandPartitionsTakeUnderThreeHundredBytesEach(TestReporter reporter) {
    create(1, "one-large-topic", 10_000);
    double large = bytes() / 10_000.0;
    var answers = new ArrayList<CompletionStage<TopicImage>>();
    for (int i = 0; i < 1_000; i++) {
      answers.add(node(1).admin().create(plain("a.topic.of.ten.partitions-" + i, 10), false));
    }
    answers.forEach(answer -> result(answer));
    double tens = (bytes() - large * 10_000) / 10_000.0;
    answers.clear();
    double before = bytes();
    for (int i = 0; i < 10_000; i++) {
      answers.add(node(1).admin().create(plain("a.topic.of.one.partition-" + i, 1), false));
    }
    answers.forEach(answer -> result(answer));
    double single = (bytes() - before) / 10_000.0;
    reporter.publishEntry(
        "bytes a partition: one topic of 10000, 1000 topics of 10, 10000 topics of 1",
        large + " " + tens + " " + single);
    assertThat(List.of(large, tens, single)).allMatch(each -> each <= 300);
  }

  /** Keys and values of everything in the store. */
  private double bytes() {
    return result(store.range("", MetadataStore.NO_LIMIT, MetadataStore.NEWEST)).entries().stream()
        .mapToLong(entry -> entry.key().length() + entry.value().length)
        .sum();
  }

  private TopicNode node(int id) {
    return nodes.get(id - 1);
  }

  private TopicImage create(int by, String name, int partitions) {
    return result(node(by).admin().create(plain(name, partitions), false));
  }

  private static NewTopic plain(String name, int partitions) {
    return new NewTopic(name, partitions, NewTopic.DEFAULT, null, Map.of());
  }

  private static MorePartitions more(String topic, int total) {
    return new MorePartitions(topic, total, null);
  }

  private static Refusal failure(CompletionStage<?> stage) {
    try {
      result(stage);
      return Refusal.UNKNOWN_SERVER_ERROR;
    } catch (Fault.Refused refused) {
      return refused.refusal();
    }
  }
}
