package io.tidelog.hot.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.hot.leader.TrimPlanner.LocalSegment;
import io.tidelog.hot.view.TestBatch;
import io.tidelog.hot.view.ViewFixture;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlannersTest {

  private static final int BATCH_BYTES = TestBatch.of(1).bytes().remaining();

  private final ViewFixture log = new ViewFixture();

  private static PartitionConfig retention(long ms, long bytes) {
    return new PartitionConfig(ms, bytes, -2, -2, false, true, 0, -1);
  }

  private long start(int number, long nowMs) {
    return RetentionPlanner.plan(log.get(number), nowMs);
  }

  @Test
  void runsOlderThanTheRetentionTimeGo() {
    log.open(0, retention(100, -1));
    log.append(0, TestBatch.of(2).at(1_000));
    log.roll();
    log.append(0, TestBatch.of(3).at(1_050));

    assertThat(start(0, 1_100)).isZero();
    assertThat(start(0, 1_101)).isEqualTo(2);
    assertThat(start(0, 1_151)).isEqualTo(5);
  }

  @Test
  void runsGoUntilWhatIsLeftIsNoMoreThanTheRetentionSize() {
    log.open(0, retention(-1, BATCH_BYTES));
    for (int i = 0; i < 4; i++) {
      log.append(0, TestBatch.of(1));
      log.roll();
    }
    assertThat(start(0, 5_000)).isEqualTo(3);
  }

  @Test
  void aCompactedPartitionKeepsItsRecords() {
    log.open(0, new PartitionConfig(1, 1, -2, -2, true, false, 0, -1));
    log.append(0, TestBatch.of(2));
    log.roll();
    log.append(0, TestBatch.of(2));
    assertThat(start(0, 999_999)).isZero();
  }

  @Test
  void retentionOfADelayedPartitionCountsFromDueAndStopsAtTheVisibleEnd() {
    log.open(0, new PartitionConfig(100, 0, -2, -2, false, true, 5_000, -1));
    log.append(0, TestBatch.of(2).at(1));
    log.roll();
    log.append(0, TestBatch.of(2).at(1));

    assertThat(start(0, 5_999)).isZero();
    assertThat(start(0, 6_000)).isEqualTo(4);
    var byTime = new PartitionConfig(100, -1, -2, -2, false, true, 5_000, -1);
    log.open(1, byTime);
    log.append(1, TestBatch.of(2).at(1));
    assertThat(start(1, 6_100)).isZero();
    assertThat(start(1, 6_101)).isEqualTo(2);
  }

  private long trim(long checkpointLsn, long localMaxBytes, long nowMs, LocalSegment... sealed) {
    return TrimPlanner.plan(
        log.view,
        List.of(sealed),
        new TrimPlanner.Limits(checkpointLsn, 100, localMaxBytes),
        nowMs);
  }

  /** Two sealed segments with a partition that wishes to keep its records here for 100 ms. */
  private LocalSegment[] twoSegments() {
    log.open(0, new PartitionConfig(-1, -1, 100, -2, false, true, 0, -1));
    log.append(0, TestBatch.of(1).at(1_000));
    long first = log.roll();
    log.append(0, TestBatch.of(1).at(1_000));
    long second = log.roll();
    log.append(0, TestBatch.of(1).at(1_000));
    return new LocalSegment[] {
      new LocalSegment(first, second), new LocalSegment(second, log.segmentBaseLsn)
    };
  }

  @Test
  void aSegmentThatIsNotInTheColdTierStays() {
    var sealed = twoSegments();
    assertThat(trim(Long.MAX_VALUE, 1, 99_999, sealed)).isZero();
  }

  @Test
  void aSegmentThatNoDurableCheckpointCoversStays() {
    var sealed = twoSegments();
    log.offload(sealed[0].baseLsn(), sealed[0].endLsn());
    assertThat(trim(sealed[0].endLsn() - 1, 1, 99_999, sealed)).isZero();
    assertThat(trim(sealed[0].endLsn(), 1, 99_999, sealed)).isEqualTo(sealed[0].endLsn());
  }

  @Test
  void anOffloadedSegmentStaysForAsLongAsItsTopicsWish() {
    var sealed = twoSegments();
    log.offload(sealed[0].baseLsn(), sealed[0].endLsn());
    assertThat(trim(Long.MAX_VALUE, Long.MAX_VALUE, 1_100, sealed)).isZero();
    assertThat(trim(Long.MAX_VALUE, Long.MAX_VALUE, 1_101, sealed)).isEqualTo(sealed[0].endLsn());
  }

  @Test
  void theLogsBudgetIsStrongerThanWishes() {
    var sealed = twoSegments();
    log.offload(sealed[0].baseLsn(), sealed[0].endLsn());
    log.offload(sealed[1].baseLsn(), sealed[1].endLsn());
    long all = 100 + sealed[1].endLsn() - sealed[0].baseLsn();
    assertThat(trim(Long.MAX_VALUE, all, 1_000, sealed)).isZero();
    assertThat(trim(Long.MAX_VALUE, all - 1, 1_000, sealed)).isEqualTo(sealed[0].endLsn());
    assertThat(trim(Long.MAX_VALUE, 1, 1_000, sealed)).isEqualTo(sealed[1].endLsn());
  }

  @Test
  void aSegmentNobodyWantsGoesWithoutAnObject() {
    var sealed = twoSegments();
    log.logStart(0, 1);
    assertThat(trim(Long.MAX_VALUE, Long.MAX_VALUE, 1_000, sealed)).isEqualTo(sealed[0].endLsn());
  }

  @Test
  void aCheckpointIsDueWhenASegmentWasSealedOrMuchWasWritten() {
    assertThat(CheckpointPlanner.isDue(1_500, 1_200, 1_000, 400)).isFalse();
    assertThat(CheckpointPlanner.isDue(1_600, 1_200, 1_000, 400)).isTrue();
    assertThat(CheckpointPlanner.isDue(1_500, 900, 1_000, 1_000)).isTrue();
    assertThat(CheckpointPlanner.isDue(950, 900, 1_000, 1_000)).isFalse();
  }

  @Test
  void uploadLagFirstSlowsAndThenRefuses() {
    var limits = new AdmissionPlanner.Limits(100, 200);
    assertThat(AdmissionPlanner.pauseMs(99, limits)).isZero();
    assertThat(AdmissionPlanner.pauseMs(100, limits)).isEqualTo(1);
    assertThat(AdmissionPlanner.pauseMs(150, limits)).isEqualTo(50);
    assertThat(AdmissionPlanner.isRefused(199, limits)).isFalse();
    assertThat(AdmissionPlanner.isRefused(200, limits)).isTrue();
  }

  private static ReplicaProgress alone(Durability durability) {
    return new ReplicaProgress(durability, ReplicaProgress.Start.committed(10), Long.MAX_VALUE);
  }

  @Test
  void theCommitWaitsForEveryOtherReplicaAndIsFrozenWhileTooFewAreInSync() {
    var progress = new ReplicaProgress(Durability.FSYNC, new ReplicaProgress.Start(40, 30, 20), 20);
    assertThat(progress.commitLsn()).isEqualTo(20);
    progress.onReplicas(25);
    assertThat(progress.commitLsn()).isEqualTo(25);
    progress.onReplicas(40);
    assertThat(progress.commitLsn()).as("not durable here").isEqualTo(30);
    progress.onReplicas(10);
    assertThat(progress.commitLsn()).as("a member was added").isEqualTo(30);
    progress.onInSync(false);
    progress.onSynced(40);
    progress.onReplicas(Long.MAX_VALUE);
    assertThat(progress.commitLsn()).isEqualTo(30);
    progress.onInSync(true);
    assertThat(progress.commitLsn()).isEqualTo(40);
  }

  @Test
  void theCommitWaitsForWhatTheDurabilityAsks() {
    var fsync = alone(Durability.FSYNC);
    fsync.onWritten(30);
    assertThat(fsync.commitLsn()).isEqualTo(10);
    fsync.onSynced(20);
    assertThat(fsync.commitLsn()).isEqualTo(20);
    assertThatThrownBy(() -> fsync.onSynced(31)).isInstanceOf(Fault.Broken.class);

    var replicated = alone(Durability.REPLICATED);
    replicated.onWritten(30);
    assertThat(replicated.commitLsn()).isEqualTo(30);
  }
}
