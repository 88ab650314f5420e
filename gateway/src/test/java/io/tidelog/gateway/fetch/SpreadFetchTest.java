package io.tidelog.gateway.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.core.log.TimeRequest;
import io.tidelog.gateway.fake.Batches;
import io.tidelog.gateway.fake.FixedImages;
import io.tidelog.gateway.fake.InMemoryLog;
import io.tidelog.gateway.fake.SteppedClock;
import io.tidelog.gateway.fake.SteppedLane;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fetches from this node and others that answer, hang, get lost and lead when a test says so. */
class SpreadFetchTest {

  private static final int PARTITIONS = 5;
  private static final int WAIT_MS = 500;
  private static final int GRACE_MS = 100;

  private final SteppedClock clock = new SteppedClock();
  private final SteppedLane loop = new SteppedLane(clock);
  private final SteppedLane logLane = new SteppedLane(clock);
  private final InMemoryLog log = new InMemoryLog(logLane);
  private final FixedImages images = new FixedImages();
  private final Map<PartitionId, Integer> leaders = new HashMap<>();
  private final FetchLanes lanes = lanes();
  private final Nodes nodes = new Nodes();
  private final ConnectionFetches fetches = new ConnectionFetches(lanes.of(loop), nodes, GRACE_MS);
  private final PartitionId[] partitions = new PartitionId[PARTITIONS];

  private @Nullable List<PartitionAnswer> answered;

  @BeforeEach
  void openPartitions() {
    var topic = images.add("orders", PARTITIONS);
    for (int i = 0; i < PARTITIONS; i++) {
      partitions[i] = topic.partition(i);
      log.open(partitions[i]);
      leaders.put(partitions[i], i % 3 == 0 ? NodeFetches.HERE : i % 3);
    }
    lanes.start();
  }

  @AfterEach
  void nothingIsLeft() {
    takeAnswers();
    fetches.close();
    nodes.loseAll();
    log.releaseReads();
    settle();
    clock.advanceMs(60_000);
    settle();
    assertThat(log.openBytes()).as("bytes nobody closed").isZero();
    assertThat(lanes.of(loop).parked().count()).isZero();
    assertThat(loop.timers()).isZero();
  }

  @Test
  void theFirstNodeThatHasSomethingIsEnough() {
    append(1);
    fetch(1, 0, 0, 0, 0, 0);
    assertThat(answered).isNull();
    nodes.answer(1);
    assertThat(sizes()).containsExactly(0, 1, 0, 0, 0);
  }

  @Test
  void whatIsHereIsEnough() {
    append(0);
    fetch(1, 0, 0, 0, 0, 0);
    assertThat(sizes()).containsExactly(1, 0, 0, 0, 0);
  }

  @Test
  void aNodeIsAskedOnceWhileTheClientAsksForTheSame() {
    append(0);
    fetch(1, 0, 0, 0, 0, 0);
    assertThat(nodes.asked(2)).isEqualTo(1);
    takeAnswers();
    append(0);
    fetch(1, 1, 0, 0, 0, 0);
    assertThat(nodes.asked(2)).isEqualTo(1);
    takeAnswers();

    append(2);
    nodes.answer(2);
    fetch(1, 2, 0, 0, 0, 0);
    assertThat(sizes()).as("kept for this fetch").containsExactly(0, 0, 1, 0, 0);
  }

  @Test
  void theWaitEndsWithNothing() {
    fetch(1, 0, 0, 0, 0, 0);
    clock.advanceMs(WAIT_MS);
    settle();
    assertThat(answered).as("nodes have a little longer").isNull();
    clock.advanceMs(GRACE_MS);
    settle();
    assertThat(sizes()).containsExactly(0, 0, 0, 0, 0);
  }

  @Test
  void aPartitionThatMovesIsAskedOfWhoeverLeads() {
    append(1);
    leaders.put(partitions[1], 2);
    leaders.put(partitions[4], 2);
    nodes.shown.put(partitions[1], 1);
    nodes.shown.put(partitions[4], 1);
    fetch(1, 0, 0, 0, 0, 0);
    nodes.answer(1);
    assertThat(answered).as("not led there").isNull();
    assertThat(nodes.holding).isTrue();

    nodes.shown.clear();
    fetches.retry();
    settle();
    nodes.answer(2); // the one before, ended by the next
    nodes.answer(2);
    assertThat(sizes()).containsExactly(0, 1, 0, 0, 0);
  }

  @Test
  void theColdPartIsReadHere() {
    append(1);
    append(1);
    log.offload(partitions[1], 2);
    fetch(1, 0, 0, 0, 0, 0);
    nodes.answer(1);
    assertThat(answered).isNull();
    log.releaseReads();
    settle();
    assertThat(sizes()).containsExactly(0, 2, 0, 0, 0);
  }

  /**
   * A client reads on from what it was told while records come, leaders change, connections are
   * lost and records go cold; it misses nothing, sees nothing twice, and everything is given back.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void aClientMissesNothing(long seed) {
    var random = new Random(seed);
    var positions = new long[PARTITIONS];
    for (int step = 0; step < 600; step++) {
      chaos(random);
      settle();
      advance(positions, "seed " + seed + " step " + step);
      if (answered == null && !fetching) {
        fetchFrom(random, positions);
      }
    }
    nodes.shown.clear();
    for (int i = 0; i < 2_000 && !isAtEnd(positions); i++) {
      log.releaseReads();
      nodes.answerAll();
      clock.advanceMs(20);
      fetches.retry();
      settle();
      advance(positions, "seed " + seed + " at the end");
      if (!fetching) {
        fetchFrom(random, positions);
      }
    }
    assertThat(isAtEnd(positions)).as("seed %s", seed).isTrue();
  }

  private boolean fetching;

  private void chaos(Random random) {
    int partition = random.nextInt(PARTITIONS);
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> append(partition);
      case 3, 4, 5 -> nodes.answer(1 + random.nextInt(2));
      case 6 -> {
        nodes.shown.put(partitions[partition], leaders.get(partitions[partition]));
        leaders.put(
            partitions[partition],
            random.nextInt(3) == 0 ? NodeFetches.HERE : 1 + random.nextInt(2));
      }
      case 7 -> {
        nodes.shown.clear();
        clock.advanceMs(random.nextInt(60));
        fetches.retry();
      }
      case 8 -> {
        if (random.nextInt(3) == 0) {
          nodes.lose(1 + random.nextInt(2));
        } else {
          long end = log.snapshot(partitions[partition]).logEndOffset();
          log.offload(partitions[partition], end == 0 ? 0 : random.nextLong(end));
        }
      }
      default -> {
        log.releaseReads();
        clock.advanceMs(random.nextInt(200));
      }
    }
  }

  private void fetchFrom(Random random, long[] positions) {
    fetching = true;
    fetch(random.nextInt(4), positions);
  }

  private void advance(long[] positions, String when) {
    if (answered == null) {
      return;
    }
    fetching = false;
    for (int i = 0; i < PARTITIONS; i++) {
      var answer = answered.get(i);
      assertThat(answer.error()).as(when).isNull();
      for (var part : answer.bytes().parts()) {
        var bytes = part.bytes();
        int at = bytes.position();
        while (at < bytes.limit()) {
          var batch = BatchHeader.read(bytes, at);
          assertThat(batch.baseOffset()).as(when).isLessThanOrEqualTo(positions[i]);
          assertThat(batch.endOffset()).as(when).isGreaterThan(positions[i]);
          positions[i] = batch.endOffset();
          at += batch.sizeBytes();
        }
      }
    }
    takeAnswers();
  }

  private boolean isAtEnd(long[] positions) {
    for (int i = 0; i < PARTITIONS; i++) {
      if (positions[i] != log.snapshot(partitions[i]).logEndOffset()) {
        return false;
      }
    }
    return true;
  }

  private void append(int partition) {
    log.append(
        List.of(
            new AppendRequest(
                partitions[partition],
                Batches.of(1, "value"),
                Acks.ALL,
                AppendRequest.ANY_OFFSET,
                _ -> {})));
    settle();
  }

  private void fetch(int minBytes, long... offsets) {
    answered = null;
    var asks = new ArrayList<PartitionFetch>();
    for (int i = 0; i < PARTITIONS; i++) {
      asks.add(
          new PartitionFetch(
              FetchKey.of("orders", i),
              offsets[i],
              1 << 20,
              PartitionFetch.NO_EPOCH,
              PartitionFetch.NO_EPOCH));
    }
    var unused =
        fetches.fetch(
            asks,
            new FetchLimits(minBytes, 1 << 20, WAIT_MS),
            (answers, _) -> {
              assertThat(answered).as("answered once").isNull();
              answered = answers;
            });
    settle();
  }

  /** Records in the answer, by partition. */
  private List<Integer> sizes() {
    assertThat(answered).as("answered").isNotNull();
    return answered.stream()
        .map(
            answer -> {
              int records = 0;
              for (var part : answer.bytes().parts()) {
                var bytes = part.bytes();
                for (int at = bytes.position(); at < bytes.limit(); ) {
                  var batch = BatchHeader.read(bytes, at);
                  records += batch.recordCount();
                  at += batch.sizeBytes();
                }
              }
              return records;
            })
        .toList();
  }

  private void takeAnswers() {
    if (answered != null) {
      answered.forEach(answer -> answer.bytes().close());
      answered = null;
    }
  }

  private void settle() {
    SteppedLane.settle(loop, logLane);
  }

  private FetchLanes lanes() {
    return new FetchLanes(
        new FetchLane.Sources(new LedHere(), log, new PartitionDirectory(images), clock),
        FetchLaneConfig.defaults(1),
        () -> new Random(1));
  }

  /** The log as this node has it: what it leads. */
  private final class LedHere implements LogReader {

    @Override
    public @Nullable PartitionSnapshot snapshot(PartitionId partition) {
      return leaders.get(partition) == NodeFetches.HERE ? log.snapshot(partition) : null;
    }

    @Override
    public void read(ReadRequest request, ReadCompletion completion) {
      log.read(request, completion);
    }

    @Override
    public void findByTime(TimeRequest request, ReadCompletion completion) {
      throw new UnsupportedOperationException();
    }

    @Override
    public EpochEnd endOfEpoch(PartitionId partition, int leaderEpoch) {
      return log.endOfEpoch(partition, leaderEpoch);
    }

    @Override
    public void onAdvance(AdvanceListener listener) {
      log.onAdvance(listener);
    }
  }

  /** Other nodes: each answers its fetches in order, one each time a test says so. */
  private final class Nodes implements NodeFetches {

    private final Map<Integer, Queue<Asked>> queues = new HashMap<>();
    private final Map<Integer, Integer> counts = new HashMap<>();

    /** Where the picture is wrong. */
    private final Map<PartitionId, Integer> shown = new HashMap<>();

    private boolean holding;

    private record Asked(List<PartitionFetch> asks, Receiver receiver) {}

    @Override
    public int leaderOf(PartitionId partition) {
      return shown.getOrDefault(partition, leaders.get(partition));
    }

    @Override
    public void fetch(int node, List<PartitionFetch> asks, FetchLimits limits, Receiver receiver) {
      counts.merge(node, 1, Integer::sum);
      queues.computeIfAbsent(node, _ -> new ArrayDeque<>()).add(new Asked(asks, receiver));
    }

    @Override
    public void holdOn(boolean on) {
      holding = on;
    }

    int asked(int node) {
      return counts.getOrDefault(node, 0);
    }

    void answerAll() {
      for (int node = 1; node <= 2; node++) {
        answer(node);
      }
    }

    void answer(int node) {
      var next = queues.getOrDefault(node, new ArrayDeque<>()).poll();
      if (next != null) {
        next.receiver.onAnswered(next.asks.stream().map(ask -> answer(node, ask)).toList());
        settle();
      }
    }

    void lose(int node) {
      var lost = List.copyOf(queues.getOrDefault(node, new ArrayDeque<>()));
      queues.remove(node);
      lost.forEach(asked -> asked.receiver.onLost());
      settle();
    }

    void loseAll() {
      for (var node : List.copyOf(queues.keySet())) {
        lose(node);
      }
    }

    private PartitionAnswer answer(int node, PartitionFetch ask) {
      var key = ask.key();
      var id = key.id();
      if (leaders.get(id) != node) {
        return PartitionAnswer.refused(key, Refusal.NOT_LEADER_OR_FOLLOWER);
      }
      var result = new ReadResult[1];
      log.read(
          new ReadRequest(id, ask.fetchOffset(), 300, true, ReadRequest.UpTo.VISIBLE_END),
          found -> result[0] = found);
      return switch (result[0]) {
        case ReadResult.Cold(var at, var references) -> PartitionAnswer.cold(key, at, references);
        case ReadResult.Records(var at, RecordBytes bytes) ->
            PartitionAnswer.records(key, at, bytes);
        default -> throw new IllegalStateException("read " + result[0]);
      };
    }
  }
}
