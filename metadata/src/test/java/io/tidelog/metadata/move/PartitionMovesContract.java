package io.tidelog.metadata.move;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.LaneThread;
import io.tidelog.metadata.Waiting;
import io.tidelog.metadata.api.ConfigUpdate;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MorePartitions;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.PartitionHomes.Move;
import io.tidelog.metadata.api.PartitionMove;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two nodes on one store; a topic of {@link #PARTITIONS} partitions in log A, and log B. */
public abstract class PartitionMovesContract {

  static final int PARTITIONS = 30;
  static final int MAX_MOVES = 3;
  static final LogId A = new LogId(new UUID(1, 1));
  static final LogId B = new LogId(new UUID(1, 2));
  private static final UUID TOPIC = new UUID(7, 7);

  private final List<MoveNode> nodes = new ArrayList<>();
  private final List<MetadataStore> stores = new ArrayList<>();
  private MetadataStore store;

  /** A way to the store that all share; closed when the test is over. */
  protected abstract MetadataStore connect();

  @BeforeEach
  void startNodes() {
    store = connect();
    stores.add(store);
    put(Keys.CLUSTER, StoredValues.cluster(new StoredValues.Cluster("c", 1, 1)));
    put(Keys.log(A), StoredValues.log(log(A, 7)));
    put(Keys.log(B), StoredValues.log(log(B, 3)));
    put(Keys.topic("t"), StoredValues.topic(topic(PartitionHomes.inOneLog(PARTITIONS, A))));
    for (int id = 1; id <= 2; id++) {
      stores.add(connect());
      nodes.add(new MoveNode(id, stores.getLast(), new LaneThread(), MAX_MOVES));
    }
  }

  @AfterEach
  void stopNodes() {
    nodes.forEach(node -> node.lane.kill());
    stores.forEach(MetadataStore::close);
    nodes.forEach(node -> node.lane.close());
  }

  @Test
  void aSwapGivesThePartitionAHomeWithAHigherEpochAndEndsTheMove() {
    var move = begin(4).getFirst();
    assertThat(move).isEqualTo(new PartitionMove(partition(4), move.epoch(), A, B));

    result(node(1).moves.swapHome(move));

    awaitAll("home", topic -> topic.homes().home(4).equals(B));
    var standing = node(2).moves.standing(partition(4));
    assertThat(standing.home()).isEqualTo(B);
    assertThat(standing.baseEpoch()).isEqualTo(7 + 1 - 3);
    assertThat(standing.move()).isNull();
    assertThat(standing.revision()).isGreaterThan(move.epoch());
    assertThat(node(2).moves.all()).isEmpty();
    assertThat(node(2).moves.standing(partition(5)).home()).isEqualTo(A);
  }

  @Test
  void theEpochIsReckonedFromTheTermsThatHoldWhenTheHomeIsSwapped() {
    for (int i = 0; i < 10; i++) {
      var move = begin(i).getFirst();
      put(Keys.log(A), StoredValues.log(log(A, 10 + i)));
      var swap = node(1).moves.swapHome(move);
      put(Keys.log(B), StoredValues.log(log(B, 5 + i)));
      result(swap);
      int partition = i;
      awaitAll("home", topic -> topic.homes().home(partition).equals(B));
      // B's term may have risen on either side of the swap.
      assertThat(node(1).moves.standing(move.partition()).baseEpoch())
          .isBetween(10 + i + 1 - (5 + i), 10 + i + 1 - Math.min(3, 5 + i - 1));
    }
  }

  @Test
  void aMoveThatIsOverIsNeitherSwappedNorTakenBack() {
    var move = begin(4).getFirst();
    result(node(1).moves.cancel(move));
    awaitAll("taken back", topic -> topic.homes().moves().isEmpty());
    var again = begin(4).getFirst();
    assertThat(again.epoch()).isGreaterThan(move.epoch());

    result(node(1).moves.swapHome(move));
    result(node(2).moves.cancel(move));

    assertThat(stored().homes().home(4)).isEqualTo(A);
    assertThat(stored().homes().move(4)).isEqualTo(new Move(B, again.epoch()));
  }

  @Test
  void ofASwapAndACancelOneIsDoneAndEveryNodeSeesWhich() {
    var begun = begin(IntStream.range(0, PARTITIONS).toArray());
    var calls = new ArrayList<CompletionStage<Void>>();
    for (var move : begun) {
      boolean swapFirst = move.partition().partition() % 2 == 0;
      var one = node(swapFirst ? 1 : 2).moves;
      var other = node(swapFirst ? 2 : 1).moves;
      calls.add(swapFirst ? one.swapHome(move) : one.cancel(move));
      calls.add(swapFirst ? other.cancel(move) : other.swapHome(move));
      calls.removeIf(call -> call.toCompletableFuture().isDone());
    }
    calls.forEach(call -> result(call));
    untilNoneMoves(begun);

    var homes = stored().homes();
    awaitAll("the same", topic -> topic.homes().equals(homes));
    assertThat(homes.count()).isEqualTo(PARTITIONS);
    for (int i = 0; i < PARTITIONS; i++) {
      assertThat(homes.baseEpoch(i)).isEqualTo(homes.home(i).equals(B) ? 5 : 0);
    }
  }

  /** A call that many came before is given up; whoever asked asks again. */
  private void untilNoneMoves(List<PartitionMove> begun) {
    for (var move : begun) {
      while (stored().homes().moves().containsKey(move.partition().partition())) {
        result(node(1).moves.cancel(move));
      }
    }
  }

  @Test
  void aTopicThatIsDeletedTakesItsMovesWithItAndStaysDeleted() {
    var begun = begin(IntStream.range(0, PARTITIONS).toArray());
    var swaps = new ArrayList<CompletionStage<Void>>();
    begun.subList(0, 10).forEach(move -> swaps.add(node(1).moves.swapHome(move)));
    var deletion = node(2).topics.delete(TOPIC);
    begun.subList(10, 20).forEach(move -> swaps.add(node(2).moves.swapHome(move)));
    swaps.forEach(swap -> result(swap));
    result(deletion);
    result(node(1).moves.swapHome(begun.get(25)));
    result(node(2).moves.cancel(begun.get(26)));

    assertThat(result(store.get(Keys.topic("t")))).isNull();
    for (var node : nodes) {
      result(node.moves.refresh());
      assertThat(node.moves.all()).isEmpty();
      assertThat(node.moves.standing(partition(3)).home()).isNull();
      assertThat(node.moves.standing(partition(3)).revision())
          .isGreaterThan(begun.getFirst().epoch());
    }
  }

  @Test
  void neitherSettingsNorNewPartitionsNorMovesLoseToOneAnother() {
    var begun = begin(IntStream.range(0, 20).toArray());
    var calls = new ArrayList<CompletionStage<?>>();
    begun.forEach(move -> calls.add(node(1).moves.swapHome(move)));
    for (int i = 1; i <= 5; i++) {
      var change = Map.of("retention.ms", Integer.toString(i * 1000));
      calls.add(node(1 + i % 2).topics.alterConfigs("t", new ConfigUpdate.Replace(change), false));
    }
    calls.add(node(2).topics.addPartitions(new MorePartitions("t", PARTITIONS + 5, null), false));
    calls.forEach(call -> result(call));
    for (var move : begun) {
      while (stored().homes().moves().containsKey(move.partition().partition())) {
        result(node(1).moves.swapHome(move));
      }
    }

    var topic = stored();
    assertThat(topic.partitionCount()).isEqualTo(PARTITIONS + 5);
    assertThat(topic.configs()).containsKey("retention.ms");
    assertThat(topic.homes().moves()).isEmpty();
    for (int i = 0; i < PARTITIONS; i++) {
      assertThat(topic.homes().home(i)).isEqualTo(i < 20 ? B : A);
    }
  }

  @Test
  void theOldestMovesAreWorkedOnAndTheOthersWait() {
    begin(20, 21);
    begin(1, 2, 3);
    var all = node(1).moves.all();
    assertThat(all).extracting(move -> move.partition().partition()).containsExactly(20, 21, 1);
    assertThat(node(1).moves.standing(partition(3)).move()).isNotNull();

    result(node(1).moves.swapHome(all.iterator().next()));

    Waiting.until(
        node(1).lane,
        "the next",
        () ->
            node(1).moves.all().stream()
                .map(move -> move.partition().partition())
                .toList()
                .equals(List.of(21, 1, 2)));
  }

  @Test
  void whoListensHearsOfEachBeginAndEnd() {
    var told = new AtomicInteger();
    node(2).moves.onChange(told::incrementAndGet);
    var begun = begin(1, 2);
    Waiting.until(node(2).lane, "begun", () -> told.get() == 1);
    result(
        node(1)
            .topics
            .alterConfigs("t", new ConfigUpdate.Replace(Map.of("retention.ms", "5")), false));
    result(node(1).moves.swapHome(begun.get(0)));
    Waiting.until(node(2).lane, "swapped", () -> told.get() == 2);
    result(node(1).moves.cancel(begun.get(1)));
    Waiting.until(node(2).lane, "taken back", () -> told.get() == 3);
    begin(3);
    Waiting.until(node(2).lane, "begun", () -> told.get() == 4);
    result(node(1).topics.delete(TOPIC));
    Waiting.until(node(2).lane, "deleted", () -> told.get() == 5);
  }

  MetadataStore store() {
    return store;
  }

  /** In one transaction; every node sees it. */
  List<PartitionMove> begin(int... partitions) {
    var topic = stored();
    var moves = new TreeMap<>(topic.homes().moves());
    IntStream.of(partitions).forEach(partition -> moves.put(partition, new Move(B, Move.BEGINS)));
    put(Keys.topic("t"), StoredValues.topic(topic.withHomes(topic.homes().withMoves(moves))));
    awaitAll("begun", shown -> shown.homes().equals(stored().homes()));
    return IntStream.of(partitions)
        .mapToObj(
            partition ->
                Objects.requireNonNull(node(1).moves.standing(partition(partition)).move()))
        .toList();
  }

  MoveNode node(int id) {
    return nodes.get(id - 1);
  }

  static PartitionId partition(int number) {
    return new PartitionId(TOPIC, number);
  }

  TopicImage stored() {
    return StoredValues.topic(
        Objects.requireNonNull(result(store.get(Keys.topic("t")))), TopicDefaults.of(Map.of()));
  }

  private void awaitAll(String what, Predicate<TopicImage> wanted) {
    for (var node : nodes) {
      Waiting.until(
          node.lane,
          what,
          () -> {
            var shown = node.images.current().topic(TOPIC);
            return shown != null && wanted.test(shown);
          });
    }
  }

  void put(String key, byte[] value) {
    result(store.txn(Txn.when().put(key, value).build()));
  }

  private static TopicImage topic(PartitionHomes homes) {
    return new TopicImage(
        "t", TOPIC, Map.of(), false, homes, TopicDefaults.of(Map.of()).effective(Map.of()), 0);
  }

  private static LogRecord log(LogId id, long term) {
    var replica = new ReplicaId(1, new UUID(1, 9));
    return new LogRecord(id, List.of(1), 1, List.of(replica), List.of(), 1, term, 0);
  }
}
