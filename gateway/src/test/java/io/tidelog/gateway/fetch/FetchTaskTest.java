package io.tidelog.gateway.fetch;

import static io.tidelog.gateway.fetch.SteppedFetch.limits;
import static io.tidelog.gateway.fetch.SteppedFetch.offsets;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FetchTaskTest {

  private static final int WAIT_MS = 500;

  private final SteppedFetch fetches = new SteppedFetch();

  @AfterEach
  void nothingIsLeftOpenOrParked() {
    fetches.close();
  }

  @Test
  void whatIsThereIsAnsweredAtOnce() {
    fetches.append(0, "a", "b");
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 0));
    assertThat(fetches.only().offsets(0)).containsExactly(0L);
    assertThat(fetches.only().answers().getFirst().highWatermark()).isEqualTo(2);
  }

  @Test
  void anOffsetWithinABatchGetsTheWholeBatch() {
    fetches.append(0, "a", "b", "c");
    fetches.append(0, "d");
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 1));
    assertThat(fetches.only().offsets(0)).containsExactly(0L, 3L);
  }

  @Test
  void aFetchAtTheEndIsParkedAndWokenByTheNextCommit() {
    fetches.append(0, "a");
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 1), fetches.ask(1, 0));
    assertThat(fetches.answered).isEmpty();
    assertThat(fetches.lane().parked().count()).isOne();
    fetches.append(0, "b");
    assertThat(fetches.only().offsets(0)).containsExactly(1L);
    assertThat(fetches.only().offsets(1)).isEmpty();
  }

  @Test
  void nothingIsPostedWhenNobodyWaits() {
    fetches.append(0, "a");
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 0));
    long posts = fetches.loop.posts();
    fetches.append(0, "b");
    fetches.append(1, "c");
    assertThat(fetches.loop.posts()).isEqualTo(posts);
  }

  @Test
  void aCommitIsOnePostHoweverManyWait() {
    for (int i = 0; i < 10; i++) {
      fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 0));
    }
    long posts = fetches.loop.posts();
    fetches.append(0, "a");
    assertThat(fetches.loop.posts()).isEqualTo(posts + 1);
    assertThat(fetches.answered).hasSize(10);
  }

  @Test
  void anUncommittedRecordIsNotSeen() {
    fetches.log.holdCommits();
    fetches.append(0, "a");
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 0));
    assertThat(fetches.answered).isEmpty();
    fetches.log.commit();
    fetches.settle();
    assertThat(fetches.only().offsets(0)).containsExactly(0L);
  }

  @Test
  void whenTheWaitIsOverTheAnswerIsEmpty() {
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 0));
    fetches.clock.advanceMs(WAIT_MS - 1);
    fetches.settle();
    assertThat(fetches.answered).isEmpty();
    fetches.clock.advanceMs(1);
    fetches.settle();
    assertThat(fetches.only().answers()).hasSize(1);
    assertThat(fetches.only().offsets(0)).isEmpty();
    assertThat(fetches.only().throttleMs()).isZero();
  }

  @Test
  void aFetchThatWaitsForNothingIsNeverParked() {
    fetches.fetch(limits(1, 0), fetches.ask(0, 0));
    assertThat(fetches.only().offsets(0)).isEmpty();
  }

  @Test
  void fewerBytesThanTheMinimumWaitForMore() {
    fetches.append(0, "a");
    fetches.fetch(limits(150, WAIT_MS), fetches.ask(0, 0));
    assertThat(fetches.answered).isEmpty();
    fetches.append(0, "b");
    assertThat(fetches.answered).isEmpty();
    fetches.append(0, "c");
    assertThat(fetches.only().offsets(0)).containsExactly(0L, 1L, 2L);
  }

  @Test
  void waitingForManyBytesHoldsNoneAndReadsOnlyWhenTheyMayBeThere() {
    fetches.append(0, "a");
    fetches.fetch(limits(1_000, WAIT_MS), fetches.ask(0, 0));
    assertThat(fetches.log.openBytes()).isZero();
    int reads = fetches.log.reads();
    for (int i = 0; i < 5; i++) {
      fetches.append(0, "b");
    }
    assertThat(fetches.log.reads()).isEqualTo(reads);
    fetches.clock.advanceMs(WAIT_MS);
    fetches.settle();
    assertThat(fetches.only().offsets(0)).hasSize(6);
  }

  @Test
  void minimumBytesAreCountedOverAllPartitions() {
    fetches.append(0, "a");
    fetches.fetch(limits(100, WAIT_MS), fetches.ask(0, 0), fetches.ask(1, 0));
    assertThat(fetches.answered).isEmpty();
    fetches.append(1, "b");
    assertThat(fetches.only().offsets(0)).containsExactly(0L);
    assertThat(fetches.only().offsets(1)).containsExactly(0L);
  }

  @Test
  void theFirstBatchIsAnsweredEvenIfItIsTooLarge() {
    fetches.append(0, "a".repeat(1_000));
    fetches.append(0, "b");
    fetches.append(1, "c");
    fetches.fetch(new FetchLimits(1, 10, WAIT_MS), fetches.ask(0, 0, 10), fetches.ask(1, 0, 10));
    assertThat(fetches.only().offsets(0)).containsExactly(0L);
    assertThat(fetches.only().offsets(1)).isEmpty();
  }

  @Test
  void aPartitionTakesNoMoreThanItsShare() {
    for (int i = 0; i < 4; i++) {
      fetches.append(0, "a");
      fetches.append(1, "b");
    }
    int batch = 70;
    fetches.fetch(
        new FetchLimits(1, SteppedFetch.NO_LIMIT, WAIT_MS),
        fetches.ask(0, 0, 2 * batch + 10),
        fetches.ask(1, 0, batch + 10));
    assertThat(fetches.only().offsets(0)).containsExactly(0L, 1L);
    assertThat(fetches.only().offsets(1)).containsExactly(0L);
  }

  @Test
  void theBudgetOfTheFetchIsSpentInOrder() {
    for (int i = 0; i < 3; i++) {
      fetches.append(0, "a");
      fetches.append(1, "b");
    }
    fetches.fetch(new FetchLimits(1, 150, WAIT_MS), fetches.ask(0, 0), fetches.ask(1, 0));
    assertThat(fetches.only().offsets(0)).containsExactly(0L, 1L);
    assertThat(fetches.only().offsets(1)).isEmpty();
  }

  @Test
  void aBudgetSmallerThanTheMinimumIsAnsweredWhenItIsFull() {
    fetches.append(0, "a");
    fetches.append(1, "b");
    fetches.fetch(new FetchLimits(100, 100, WAIT_MS), fetches.ask(0, 0), fetches.ask(1, 0));
    assertThat(fetches.only().offsets(0)).containsExactly(0L);
  }

  @Test
  void anOffsetBeforeTheStartOrBehindTheEndIsOutOfRange() {
    fetches.append(0, "a", "b");
    fetches.log.setLogStart(fetches.partitions[0], 1);
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 0));
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 3));
    assertThat(fetches.answered)
        .allSatisfy(
            fetch ->
                assertThat(fetch.answers().getFirst().error())
                    .isEqualTo(Refusal.OFFSET_OUT_OF_RANGE));
  }

  @Test
  void betweenTheVisibleEndAndTheLogEndNothingIsThereYet() {
    fetches.append(0, "a");
    fetches.append(0, "b");
    fetches.append(0, "c");
    fetches.log.limitVisible(fetches.partitions[0], 1);
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 2));
    assertThat(fetches.answered).isEmpty();
    fetches.log.limitVisible(fetches.partitions[0], 3);
    fetches.settle();
    assertThat(fetches.only().offsets(0)).containsExactly(2L);
    assertThat(fetches.only().answers().getFirst().highWatermark()).isEqualTo(3);
  }

  @Test
  void whatIsNotDueIsNeitherReadNorReported() {
    fetches.append(0, "a");
    fetches.append(0, "b");
    fetches.log.limitVisible(fetches.partitions[0], 1);
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 0));
    assertThat(fetches.only().offsets(0)).containsExactly(0L);
    assertThat(fetches.only().answers().getFirst().highWatermark()).isOne();
    assertThat(fetches.only().answers().getFirst().lastStableOffset()).isOne();
  }

  @Test
  void aRefusalIsAnsweredAtOnceWithWhatOthersHave() {
    fetches.append(0, "a");
    fetches.fetch(limits(1_000, WAIT_MS), fetches.ask(0, 0), fetches.ask(1, 99));
    assertThat(fetches.only().offsets(0)).containsExactly(0L);
    assertThat(fetches.only().answers().get(1).error()).isEqualTo(Refusal.OFFSET_OUT_OF_RANGE);
  }

  @Test
  void unknownPartitionsAreToldApart() {
    fetches.fetch(
        limits(1, WAIT_MS),
        new PartitionFetch(FetchKey.of("nowhere", 0), 0, 100, -1, -1),
        new PartitionFetch(FetchKey.of("orders", 7), 0, 100, -1, -1),
        new PartitionFetch(FetchKey.of(new java.util.UUID(9, 9), 0), 0, 100, -1, -1));
    assertThat(fetches.only().answers())
        .extracting(PartitionAnswer::error)
        .containsExactly(
            Refusal.UNKNOWN_TOPIC_OR_PARTITION,
            Refusal.UNKNOWN_TOPIC_OR_PARTITION,
            Refusal.UNKNOWN_TOPIC_ID);
  }

  @Test
  void anOldEpochIsFencedAndANewerOneUnknown() {
    fetches.append(0, "a");
    fetches.log.nextEpoch(fetches.partitions[0]);
    fetches.fetch(
        limits(1, WAIT_MS),
        fetches.ask(0, 0, SteppedFetch.NO_LIMIT, 0, -1),
        fetches.ask(0, 0, SteppedFetch.NO_LIMIT, 2, -1));
    assertThat(fetches.only().answers())
        .extracting(PartitionAnswer::error)
        .containsExactly(Refusal.FENCED_LEADER_EPOCH, Refusal.UNKNOWN_LEADER_EPOCH);
  }

  @Test
  void aClientWhoseLastEpochEndedEarlierHereIsToldWhere() {
    fetches.append(0, "a");
    fetches.log.nextEpoch(fetches.partitions[0]);
    fetches.append(0, "b");
    fetches.append(0, "c");
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 3, SteppedFetch.NO_LIMIT, 1, 0));
    var answer = fetches.only().answers().getFirst();
    assertThat(answer.isDiverging()).isTrue();
    assertThat(answer.diverging().endOffset()).isOne();
    assertThat(answer.diverging().leaderEpoch()).isZero();
  }

  @Test
  void aSlowPartitionHoldsUpNoOtherAndIsThereForTheNextFetch() {
    fetches.append(0, "slow");
    fetches.append(1, "fast");
    fetches.log.slowDown(fetches.partitions[0]::equals);
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 0), fetches.ask(1, 0));
    assertThat(fetches.only().offsets(0)).isEmpty();
    assertThat(fetches.only().offsets(1)).containsExactly(0L);
    fetches.log.releaseReads();
    fetches.settle();
    int reads = fetches.log.reads();
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 0), fetches.ask(1, 1));
    assertThat(fetches.answered.get(1).offsets(0)).containsExactly(0L);
    assertThat(fetches.log.reads()).isEqualTo(reads);
  }

  @Test
  void aSlowReadIsAskedOnceHoweverOftenTheClientAsks() {
    fetches.append(0, "slow");
    fetches.log.slowDown(fetches.partitions[0]::equals);
    for (int i = 0; i < 3; i++) {
      fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 0));
      fetches.clock.advanceMs(WAIT_MS);
      fetches.settle();
    }
    assertThat(fetches.answered)
        .hasSize(3)
        .allSatisfy(fetch -> assertThat(fetch.offsets(0)).isEmpty());
    assertThat(fetches.log.reads()).isOne();
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 0));
    fetches.log.releaseReads();
    fetches.settle();
    assertThat(fetches.answered.get(3).offsets(0)).containsExactly(0L);
  }

  @Test
  void aReadThatNobodyComesBackForIsGivenUp() {
    fetches.append(0, "slow");
    fetches.log.slowDown(fetches.partitions[0]::equals);
    fetches.fetch(limits(1, 0), fetches.ask(0, 0));
    fetches.clock.advanceMs(60);
    fetches.settle();
    fetches.log.releaseReads();
    fetches.settle();
    assertThat(fetches.log.openBytes()).isOne();
    assertThat(fetches.lanes.stats().lateReads()).isOne();
    assertThat(fetches.lanes.stats().lateReadBytes()).isPositive();
    fetches.clock.advanceMs(20_000);
    fetches.settle();
    assertThat(fetches.log.openBytes()).isZero();
    assertThat(fetches.lanes.stats()).isEqualTo(FetchStats.NOTHING);
  }

  @Test
  void aFetchThatDoesNotWaitStillGivesItsReadsAMoment() {
    fetches.append(0, "slow");
    fetches.log.slowDown(fetches.partitions[0]::equals);
    fetches.fetch(limits(1, 0), fetches.ask(0, 0));
    assertThat(fetches.answered).isEmpty();
    fetches.log.releaseReads();
    fetches.settle();
    assertThat(fetches.only().offsets(0)).containsExactly(0L);
  }

  @Test
  void coldRecordsComeFromTheColdTier() {
    fetches.append(0, "a");
    fetches.append(0, "b");
    fetches.log.offload(fetches.partitions[0], 1);
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 0));
    assertThat(fetches.log.coldReads()).isOne();
    fetches.log.releaseReads();
    fetches.settle();
    assertThat(fetches.only().offsets(0)).startsWith(0L);
  }

  @Test
  void anObjectThatIsGoneIsAskedForAgain() {
    fetches.append(0, "a");
    fetches.log.offload(fetches.partitions[0], 1);
    fetches.log.failCold(new Fault.Retriable("object replaced"));
    fetches.fetch(limits(1, WAIT_MS), fetches.ask(0, 0));
    for (int i = 0; i < 3; i++) {
      fetches.log.releaseReads();
      fetches.settle();
    }
    assertThat(fetches.log.coldReads()).isEqualTo(3);
    assertThat(fetches.answered).as("a client that is told at once asks at once").isEmpty();
    fetches.clock.advanceMs(WAIT_MS);
    fetches.settle();
    assertThat(fetches.only().answers().getFirst().error()).isEqualTo(Refusal.KAFKA_STORAGE_ERROR);
  }

  @Test
  void aClientThatLeavesLeavesNothingBehind() {
    fetches.append(0, "slow");
    fetches.log.slowDown(fetches.partitions[0]::equals);
    var task = fetches.fetch(limits(1_000, WAIT_MS), fetches.ask(0, 0), fetches.ask(1, 0));
    task.cancel();
    task.cancel();
    fetches.log.releaseReads();
    fetches.append(1, "b");
    assertThat(fetches.answered).isEmpty();
    assertThat(fetches.lane().parked().count()).isZero();
  }

  @Test
  void whenTooManyWaitTheClientIsToldToWaitItself() {
    var narrow = fetches.lanes(1_000).of(fetches.loop);
    narrow.fetch(List.of(fetches.ask(0, 0)), limits(1, WAIT_MS), fetches::onAnswered);
    narrow.fetch(List.of(fetches.ask(0, 0)), limits(1, WAIT_MS), fetches::onAnswered);
    assertThat(fetches.only().throttleMs()).isEqualTo(WAIT_MS);
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
        case 0 -> fetches.append(partition, "r" + step, "s");
        case 1 -> fetches.clock.advanceMs(random.nextInt(WAIT_MS));
        default -> {
          if (!waiting[partition]) {
            waiting[partition] = true;
            fetches
                .lane()
                .fetch(
                    List.of(fetches.ask(partition, next[partition])),
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
      fetches.settle();
    }
    for (int partition = 0; partition < 3; partition++) {
      long end = fetches.log.snapshot(fetches.partitions[partition]).logEndOffset();
      while (next[partition] < end) {
        fetches.clock.advanceMs(WAIT_MS);
        fetches.settle();
        if (!waiting[partition]) {
          int index = partition;
          waiting[index] = true;
          fetches
              .lane()
              .fetch(
                  List.of(fetches.ask(index, next[index])),
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
      fetches.append(0, "x".repeat(100));
    }
    var narrow = fetches.lanes(1 << 20, 16_000).of(fetches.loop);
    var sizes = new ArrayList<Integer>();
    for (int i = 0; i < 30; i++) {
      narrow.fetch(List.of(fetches.ask(0, 0)), limits(1, WAIT_MS), fetches::onAnswered);
      fetches.settle();
      sizes.add(fetches.answered.getLast().answers().getFirst().bytes().sizeBytes());
    }
    assertThat(sizes.getFirst()).isBetween(2_000, 4_000);
    assertThat(sizes).isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(sizes.getLast()).isPositive();
    assertThat(sizes.stream().mapToInt(size -> size).sum()).isLessThan(24_000);
    fetches.answered.forEach(fetch -> fetch.answers().getFirst().bytes().close());
    fetches.answered.clear();
    narrow.fetch(List.of(fetches.ask(0, 0)), limits(1, WAIT_MS), fetches::onAnswered);
    fetches.settle();
    assertThat(fetches.only().answers().getFirst().bytes().sizeBytes()).isEqualTo(sizes.getFirst());
  }
}
