package io.tidelog.gateway.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.gateway.fake.Batches;
import io.tidelog.gateway.fake.FixedImages;
import io.tidelog.gateway.fake.InMemoryLog;
import io.tidelog.gateway.fake.SteppedClock;
import io.tidelog.gateway.fake.SteppedLane;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FetchTaskTest {

  private static final int NO_LIMIT = Integer.MAX_VALUE;
  private static final int WAIT_MS = 500;

  private final SteppedClock clock = new SteppedClock();
  private final SteppedLane loop = new SteppedLane(clock);
  private final SteppedLane logLane = new SteppedLane(clock);
  private final InMemoryLog log = new InMemoryLog(logLane);
  private final FixedImages images = new FixedImages();
  private final FetchLanes lanes = lanes(1 << 20);
  private final List<Answered> answered = new ArrayList<>();

  private PartitionId[] partitions = {};

  @BeforeEach
  void openThreePartitions() {
    var topic = images.add("orders", 3);
    partitions = new PartitionId[] {topic.partition(0), topic.partition(1), topic.partition(2)};
    for (var partition : partitions) {
      log.open(partition);
    }
    lanes.start();
  }

  @AfterEach
  void nothingIsLeftOpenOrParked() {
    for (var fetch : answered) {
      fetch.answers.forEach(answer -> answer.bytes().close());
    }
    clock.advanceMs(60_000);
    settle();
    assertThat(log.openBytes()).as("bytes nobody closed").isZero();
    assertThat(lane().parked().count()).isZero();
    assertThat(loop.timers()).isZero();
  }

  @Test
  void whatIsThereIsAnsweredAtOnce() {
    append(0, "a", "b");
    fetch(limits(1, WAIT_MS), ask(0, 0));
    assertThat(only().offsets(0)).containsExactly(0L);
    assertThat(only().answers.getFirst().highWatermark()).isEqualTo(2);
  }

  @Test
  void anOffsetWithinABatchGetsTheWholeBatch() {
    append(0, "a", "b", "c");
    append(0, "d");
    fetch(limits(1, WAIT_MS), ask(0, 1));
    assertThat(only().offsets(0)).containsExactly(0L, 3L);
  }

  @Test
  void aFetchAtTheEndIsParkedAndWokenByTheNextCommit() {
    append(0, "a");
    fetch(limits(1, WAIT_MS), ask(0, 1), ask(1, 0));
    assertThat(answered).isEmpty();
    assertThat(lane().parked().count()).isOne();
    append(0, "b");
    assertThat(only().offsets(0)).containsExactly(1L);
    assertThat(only().offsets(1)).isEmpty();
  }

  @Test
  void nothingIsPostedWhenNobodyWaits() {
    append(0, "a");
    fetch(limits(1, WAIT_MS), ask(0, 0));
    long posts = loop.posts();
    append(0, "b");
    append(1, "c");
    assertThat(loop.posts()).isEqualTo(posts);
  }

  @Test
  void aCommitIsOnePostHoweverManyWait() {
    for (int i = 0; i < 10; i++) {
      fetch(limits(1, WAIT_MS), ask(0, 0));
    }
    long posts = loop.posts();
    append(0, "a");
    assertThat(loop.posts()).isEqualTo(posts + 1);
    assertThat(answered).hasSize(10);
  }

  @Test
  void anUncommittedRecordIsNotSeen() {
    log.holdCommits();
    append(0, "a");
    fetch(limits(1, WAIT_MS), ask(0, 0));
    assertThat(answered).isEmpty();
    log.commit();
    settle();
    assertThat(only().offsets(0)).containsExactly(0L);
  }

  @Test
  void whenTheWaitIsOverTheAnswerIsEmpty() {
    fetch(limits(1, WAIT_MS), ask(0, 0));
    clock.advanceMs(WAIT_MS - 1);
    settle();
    assertThat(answered).isEmpty();
    clock.advanceMs(1);
    settle();
    assertThat(only().answers).hasSize(1);
    assertThat(only().offsets(0)).isEmpty();
    assertThat(only().throttleMs).isZero();
  }

  @Test
  void aFetchThatWaitsForNothingIsNeverParked() {
    fetch(limits(1, 0), ask(0, 0));
    assertThat(only().offsets(0)).isEmpty();
  }

  @Test
  void fewerBytesThanTheMinimumWaitForMore() {
    append(0, "a");
    fetch(limits(150, WAIT_MS), ask(0, 0));
    assertThat(answered).isEmpty();
    append(0, "b");
    assertThat(answered).isEmpty();
    append(0, "c");
    assertThat(only().offsets(0)).containsExactly(0L, 1L, 2L);
  }

  @Test
  void waitingForManyBytesHoldsNoneAndReadsOnlyWhenTheyMayBeThere() {
    append(0, "a");
    fetch(limits(1_000, WAIT_MS), ask(0, 0));
    assertThat(log.openBytes()).isZero();
    int reads = log.reads();
    for (int i = 0; i < 5; i++) {
      append(0, "b");
    }
    assertThat(log.reads()).isEqualTo(reads);
    clock.advanceMs(WAIT_MS);
    settle();
    assertThat(only().offsets(0)).hasSize(6);
  }

  @Test
  void minimumBytesAreCountedOverAllPartitions() {
    append(0, "a");
    fetch(limits(100, WAIT_MS), ask(0, 0), ask(1, 0));
    assertThat(answered).isEmpty();
    append(1, "b");
    assertThat(only().offsets(0)).containsExactly(0L);
    assertThat(only().offsets(1)).containsExactly(0L);
  }

  @Test
  void theFirstBatchIsAnsweredEvenIfItIsTooLarge() {
    append(0, "a".repeat(1_000));
    append(0, "b");
    append(1, "c");
    fetch(new FetchLimits(1, 10, WAIT_MS), ask(0, 0, 10), ask(1, 0, 10));
    assertThat(only().offsets(0)).containsExactly(0L);
    assertThat(only().offsets(1)).isEmpty();
  }

  @Test
  void aPartitionTakesNoMoreThanItsShare() {
    for (int i = 0; i < 4; i++) {
      append(0, "a");
      append(1, "b");
    }
    int batch = 70;
    fetch(new FetchLimits(1, NO_LIMIT, WAIT_MS), ask(0, 0, 2 * batch + 10), ask(1, 0, batch + 10));
    assertThat(only().offsets(0)).containsExactly(0L, 1L);
    assertThat(only().offsets(1)).containsExactly(0L);
  }

  @Test
  void theBudgetOfTheFetchIsSpentInOrder() {
    for (int i = 0; i < 3; i++) {
      append(0, "a");
      append(1, "b");
    }
    fetch(new FetchLimits(1, 150, WAIT_MS), ask(0, 0), ask(1, 0));
    assertThat(only().offsets(0)).containsExactly(0L, 1L);
    assertThat(only().offsets(1)).isEmpty();
  }

  @Test
  void aBudgetSmallerThanTheMinimumIsAnsweredWhenItIsFull() {
    append(0, "a");
    append(1, "b");
    fetch(new FetchLimits(100, 100, WAIT_MS), ask(0, 0), ask(1, 0));
    assertThat(only().offsets(0)).containsExactly(0L);
  }

  @Test
  void anOffsetBeforeTheStartOrBehindTheEndIsOutOfRange() {
    append(0, "a", "b");
    log.setLogStart(partitions[0], 1);
    fetch(limits(1, WAIT_MS), ask(0, 0));
    fetch(limits(1, WAIT_MS), ask(0, 3));
    assertThat(answered)
        .allSatisfy(
            fetch ->
                assertThat(fetch.answers.getFirst().error())
                    .isEqualTo(Refusal.OFFSET_OUT_OF_RANGE));
  }

  @Test
  void betweenTheVisibleEndAndTheLogEndNothingIsThereYet() {
    append(0, "a");
    append(0, "b");
    append(0, "c");
    log.limitVisible(partitions[0], 1);
    fetch(limits(1, WAIT_MS), ask(0, 2));
    assertThat(answered).isEmpty();
    log.limitVisible(partitions[0], 3);
    settle();
    assertThat(only().offsets(0)).containsExactly(2L);
    assertThat(only().answers.getFirst().highWatermark()).isEqualTo(3);
  }

  @Test
  void whatIsNotDueIsNeitherReadNorReported() {
    append(0, "a");
    append(0, "b");
    log.limitVisible(partitions[0], 1);
    fetch(limits(1, WAIT_MS), ask(0, 0));
    assertThat(only().offsets(0)).containsExactly(0L);
    assertThat(only().answers.getFirst().highWatermark()).isOne();
    assertThat(only().answers.getFirst().lastStableOffset()).isOne();
  }

  @Test
  void aRefusalIsAnsweredAtOnceWithWhatOthersHave() {
    append(0, "a");
    fetch(limits(1_000, WAIT_MS), ask(0, 0), ask(1, 99));
    assertThat(only().offsets(0)).containsExactly(0L);
    assertThat(only().answers.get(1).error()).isEqualTo(Refusal.OFFSET_OUT_OF_RANGE);
  }

  @Test
  void unknownPartitionsAreToldApart() {
    fetch(
        limits(1, WAIT_MS),
        new PartitionFetch(FetchKey.of("nowhere", 0), 0, 100, -1, -1),
        new PartitionFetch(FetchKey.of("orders", 7), 0, 100, -1, -1),
        new PartitionFetch(FetchKey.of(new java.util.UUID(9, 9), 0), 0, 100, -1, -1));
    assertThat(only().answers)
        .extracting(PartitionAnswer::error)
        .containsExactly(
            Refusal.UNKNOWN_TOPIC_OR_PARTITION,
            Refusal.UNKNOWN_TOPIC_OR_PARTITION,
            Refusal.UNKNOWN_TOPIC_ID);
  }

  @Test
  void anOldEpochIsFencedAndANewerOneUnknown() {
    append(0, "a");
    log.nextEpoch(partitions[0]);
    fetch(limits(1, WAIT_MS), ask(0, 0, NO_LIMIT, 0, -1), ask(0, 0, NO_LIMIT, 2, -1));
    assertThat(only().answers)
        .extracting(PartitionAnswer::error)
        .containsExactly(Refusal.FENCED_LEADER_EPOCH, Refusal.UNKNOWN_LEADER_EPOCH);
  }

  @Test
  void aClientWhoseLastEpochEndedEarlierHereIsToldWhere() {
    append(0, "a");
    log.nextEpoch(partitions[0]);
    append(0, "b");
    append(0, "c");
    fetch(limits(1, WAIT_MS), ask(0, 3, NO_LIMIT, 1, 0));
    var answer = only().answers.getFirst();
    assertThat(answer.isDiverging()).isTrue();
    assertThat(answer.diverging().endOffset()).isOne();
    assertThat(answer.diverging().leaderEpoch()).isZero();
  }

  @Test
  void aSlowPartitionHoldsUpNoOtherAndIsThereForTheNextFetch() {
    append(0, "slow");
    append(1, "fast");
    log.slowDown(partitions[0]::equals);
    fetch(limits(1, WAIT_MS), ask(0, 0), ask(1, 0));
    assertThat(only().offsets(0)).isEmpty();
    assertThat(only().offsets(1)).containsExactly(0L);
    log.releaseReads();
    settle();
    int reads = log.reads();
    fetch(limits(1, WAIT_MS), ask(0, 0), ask(1, 1));
    assertThat(answered.get(1).offsets(0)).containsExactly(0L);
    assertThat(log.reads()).isEqualTo(reads);
  }

  @Test
  void aSlowReadIsAskedOnceHoweverOftenTheClientAsks() {
    append(0, "slow");
    log.slowDown(partitions[0]::equals);
    for (int i = 0; i < 3; i++) {
      fetch(limits(1, WAIT_MS), ask(0, 0));
      clock.advanceMs(WAIT_MS);
      settle();
    }
    assertThat(answered).hasSize(3).allSatisfy(fetch -> assertThat(fetch.offsets(0)).isEmpty());
    assertThat(log.reads()).isOne();
    fetch(limits(1, WAIT_MS), ask(0, 0));
    log.releaseReads();
    settle();
    assertThat(answered.get(3).offsets(0)).containsExactly(0L);
  }

  @Test
  void aReadThatNobodyComesBackForIsGivenUp() {
    append(0, "slow");
    log.slowDown(partitions[0]::equals);
    fetch(limits(1, 0), ask(0, 0));
    clock.advanceMs(60);
    settle();
    log.releaseReads();
    settle();
    assertThat(log.openBytes()).isOne();
    assertThat(lanes.stats().lateReads()).isOne();
    assertThat(lanes.stats().lateReadBytes()).isPositive();
    clock.advanceMs(20_000);
    settle();
    assertThat(log.openBytes()).isZero();
    assertThat(lanes.stats()).isEqualTo(FetchStats.NOTHING);
  }

  @Test
  void aFetchThatDoesNotWaitStillGivesItsReadsAMoment() {
    append(0, "slow");
    log.slowDown(partitions[0]::equals);
    fetch(limits(1, 0), ask(0, 0));
    assertThat(answered).isEmpty();
    log.releaseReads();
    settle();
    assertThat(only().offsets(0)).containsExactly(0L);
  }

  @Test
  void coldRecordsComeFromTheColdTier() {
    append(0, "a");
    append(0, "b");
    log.offload(partitions[0], 1);
    fetch(limits(1, WAIT_MS), ask(0, 0));
    assertThat(log.coldReads()).isOne();
    log.releaseReads();
    settle();
    assertThat(only().offsets(0)).startsWith(0L);
  }

  @Test
  void anObjectThatIsGoneIsAskedForAgain() {
    append(0, "a");
    log.offload(partitions[0], 1);
    log.failCold(new Fault.Retriable("object replaced"));
    fetch(limits(1, WAIT_MS), ask(0, 0));
    for (int i = 0; i < 3; i++) {
      log.releaseReads();
      settle();
    }
    assertThat(log.coldReads()).isEqualTo(3);
    assertThat(answered).as("a client that is told at once asks at once").isEmpty();
    clock.advanceMs(WAIT_MS);
    settle();
    assertThat(only().answers.getFirst().error()).isEqualTo(Refusal.KAFKA_STORAGE_ERROR);
  }

  @Test
  void aClientThatLeavesLeavesNothingBehind() {
    append(0, "slow");
    log.slowDown(partitions[0]::equals);
    var task = fetch(limits(1_000, WAIT_MS), ask(0, 0), ask(1, 0));
    task.cancel();
    task.cancel();
    log.releaseReads();
    append(1, "b");
    assertThat(answered).isEmpty();
    assertThat(lane().parked().count()).isZero();
  }

  @Test
  void whenTooManyWaitTheClientIsToldToWaitItself() {
    var narrow = lanes(1_000).of(loop);
    narrow.fetch(List.of(ask(0, 0)), limits(1, WAIT_MS), this::onAnswered);
    narrow.fetch(List.of(ask(0, 0)), limits(1, WAIT_MS), this::onAnswered);
    assertThat(only().throttleMs).isEqualTo(WAIT_MS);
    assertThat(narrow.stats().parked()).isOne();
    assertThat(narrow.stats().turnedAway()).isOne();
  }

  @Test
  void manyFetchesAndAppendsInAnyOrderLoseNothing() {
    long seed = 20261121;
    var random = new Random(seed);
    long[] next = new long[3];
    boolean[] waiting = new boolean[3];
    for (int step = 0; step < 2_000; step++) {
      int partition = random.nextInt(3);
      switch (random.nextInt(4)) {
        case 0 -> append(partition, "r" + step, "s");
        case 1 -> clock.advanceMs(random.nextInt(WAIT_MS));
        default -> {
          if (!waiting[partition]) {
            waiting[partition] = true;
            lane()
                .fetch(
                    List.of(ask(partition, next[partition])),
                    limits(1 + random.nextInt(300), WAIT_MS),
                    (answers, _) -> {
                      waiting[partition] = false;
                      for (long offset : offsets(answers.getFirst())) {
                        assertThat(offset).as("seed " + seed).isEqualTo(next[partition]);
                        next[partition] += 2;
                      }
                      answers.getFirst().bytes().close();
                    });
          }
        }
      }
      settle();
    }
    for (int partition = 0; partition < 3; partition++) {
      long end = log.snapshot(partitions[partition]).logEndOffset();
      while (next[partition] < end) {
        clock.advanceMs(WAIT_MS);
        settle();
        if (!waiting[partition]) {
          int index = partition;
          waiting[index] = true;
          lane()
              .fetch(
                  List.of(ask(index, next[index])),
                  limits(1, WAIT_MS),
                  (answers, _) -> {
                    waiting[index] = false;
                    next[index] += 2L * offsets(answers.getFirst()).size();
                    answers.getFirst().bytes().close();
                  });
        }
      }
      assertThat(next[partition]).as("seed " + seed).isEqualTo(end);
    }
  }

  @Test
  void whenAnswersTakeMuchMemoryTheNextAreSmallerButNeverNothing() {
    for (int i = 0; i < 200; i++) {
      append(0, "x".repeat(100));
    }
    var narrow = lanes(1 << 20, 16_000).of(loop);
    var sizes = new ArrayList<Integer>();
    for (int i = 0; i < 30; i++) {
      narrow.fetch(List.of(ask(0, 0)), limits(1, WAIT_MS), this::onAnswered);
      settle();
      sizes.add(answered.getLast().answers().getFirst().bytes().sizeBytes());
    }
    assertThat(sizes.getFirst()).isBetween(2_000, 4_000);
    assertThat(sizes).isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(sizes.getLast()).isPositive();
    assertThat(sizes.stream().mapToInt(size -> size).sum()).isLessThan(24_000);
    answered.forEach(fetch -> fetch.answers().getFirst().bytes().close());
    answered.clear();
    narrow.fetch(List.of(ask(0, 0)), limits(1, WAIT_MS), this::onAnswered);
    settle();
    assertThat(only().answers().getFirst().bytes().sizeBytes()).isEqualTo(sizes.getFirst());
  }

  private FetchLanes lanes(long parkedMaxBytes) {
    return lanes(parkedMaxBytes, FetchLaneConfig.defaults(1).answersMaxBytes());
  }

  private FetchLanes lanes(long parkedMaxBytes, long answersMaxBytes) {
    var defaults = FetchLaneConfig.defaults(1);
    return new FetchLanes(
        new FetchLane.Sources(log, log, new PartitionDirectory(images), clock),
        new FetchLaneConfig(
            defaults.sessions(),
            parkedMaxBytes,
            answersMaxBytes,
            defaults.lateReadMaxBytes(),
            defaults.lateReadMaxCount(),
            defaults.lateReadKeepMs(),
            defaults.readGraceMs()),
        () -> new Random(1));
  }

  private FetchLane lane() {
    return lanes.of(loop);
  }

  private FetchTask fetch(FetchLimits limits, PartitionFetch... asks) {
    var task = lane().fetch(List.of(asks), limits, this::onAnswered);
    settle();
    return task;
  }

  private void onAnswered(List<PartitionAnswer> answers, int throttleMs) {
    answered.add(new Answered(answers, throttleMs));
  }

  private void append(int partition, String... values) {
    log.append(
        List.of(
            new AppendRequest(
                partitions[partition],
                Batches.of(clock.wallMs(), values),
                Acks.ALL,
                AppendRequest.ANY_OFFSET,
                _ -> {})));
    settle();
  }

  private void settle() {
    SteppedLane.settle(logLane, loop);
  }

  private Answered only() {
    assertThat(answered).hasSize(1);
    return answered.getFirst();
  }

  private static FetchLimits limits(int minBytes, int maxWaitMs) {
    return new FetchLimits(minBytes, NO_LIMIT, maxWaitMs);
  }

  private PartitionFetch ask(int partition, long offset) {
    return ask(partition, offset, NO_LIMIT);
  }

  private PartitionFetch ask(int partition, long offset, int maxBytes) {
    return ask(partition, offset, maxBytes, -1, -1);
  }

  private static PartitionFetch ask(
      int partition, long offset, int maxBytes, int epoch, int lastFetchedEpoch) {
    return new PartitionFetch(
        FetchKey.of("orders", partition), offset, maxBytes, epoch, lastFetchedEpoch);
  }

  private static List<Long> offsets(PartitionAnswer answer) {
    return answer.bytes().parts().stream()
        .map(part -> BatchHeader.read(part.bytes(), 0).baseOffset())
        .toList();
  }

  private record Answered(List<PartitionAnswer> answers, int throttleMs) {

    /** Base offsets of the batches of one answer. */
    private List<Long> offsets(int index) {
      return FetchTaskTest.offsets(answers.get(index));
    }
  }
}
