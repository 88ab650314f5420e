package io.tidelog.hot.runtime;

import static io.tidelog.hot.runtime.SteppedLog.partition;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.core.log.TimeRequest;
import io.tidelog.hot.disk.FaultyLogDisk;
import io.tidelog.hot.leader.AdmissionPlanner;
import io.tidelog.hot.leader.Durability;
import io.tidelog.hot.view.ProducerLimits;
import io.tidelog.hot.view.TestBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens to a log over time and when its disk does not play along. */
@Timeout(60)
class LogLifeTest {

  private final FaultyLogDisk disk = new FaultyLogDisk(new Random(1));
  private final SteppedLog log = new SteppedLog(disk, LogCrashTest.SMALL, new Random(1));

  private static PartitionConfig retained(long ms, long localMs) {
    return new PartitionConfig(ms, -1, localMs, -2, false, true, 0, -1);
  }

  private static PartitionConfig delayed(long ms) {
    return new PartitionConfig(-1, -1, -2, -2, false, true, ms, -1);
  }

  private AppendResult append(int records) {
    return log.append(0, TestBatch.of(records).at(log.wallMs()).bytes());
  }

  private void assertRefused(AppendResult result, Refusal refusal) {
    assertThat(result)
        .isInstanceOfSatisfying(
            AppendResult.Refused.class, r -> assertThat(r.refusal()).isEqualTo(refusal));
  }

  /** Writes a few segments full. */
  private void fill(int segments) {
    int sealed = log.driver.stats().segments();
    while (log.driver.stats().segments() < sealed + segments) {
      append(100);
    }
  }

  private ColdObject object(SealedSegment segment) {
    return new ColdObject(
        segment.log(),
        segment.term(),
        segment.baseLsn(),
        segment.endLsn(),
        "object-" + segment.baseLsn(),
        100,
        10,
        1);
  }

  private int offloadAll() {
    int offloaded = 0;
    while (true) {
      try (var segment = log.driver.nextToOffload(RunningLog.LOG)) {
        if (segment == null) {
          return offloaded;
        }
        log.await(log.driver.commit(object(segment)));
        offloaded++;
      }
    }
  }

  @Test
  void aDelayedRecordIsSeenWhenItIsDueAndNotBefore() {
    log.open(0, delayed(2_000));
    List<List<PartitionId>> told = new ArrayList<>();
    append(3);
    log.driver.onAdvance(told::add);

    log.advance(1_999);
    assertThat(log.snapshot(0).visibleEndOffset()).isZero();
    assertThat(log.snapshot(0).highWatermark()).isEqualTo(3);
    assertThat(log.readAll(0, 0)).isEmpty();
    assertThat(told).isEmpty();

    log.advance(1);
    assertThat(log.snapshot(0).visibleEndOffset()).isEqualTo(3);
    assertThat(log.readAll(0, 0)).hasSize(1);
    assertThat(told).containsExactly(List.of(partition(0)));
  }

  @Test
  void whatWasDueStaysVisibleAndWhatWasPendingStaysPendingOverARestart() {
    log.open(0, delayed(2_000));
    append(1);
    log.advance(1_500);
    append(1);
    log.advance(500);
    log.crash();
    assertThat(log.snapshot(0).visibleEndOffset()).isEqualTo(1);
    log.advance(1_500);
    assertThat(log.snapshot(0).visibleEndOffset()).isEqualTo(2);
  }

  @Test
  void pendingRecordsAreDeliveredAtOnceWhenAskedFor() {
    log.open(0, delayed(2_000));
    long beginMs = log.wallMs();
    append(3);
    log.advance(10);
    append(1);
    var pending = log.driver.pending();
    assertThat(pending).hasSize(1);
    assertThat(pending.getFirst().at().id()).isEqualTo(partition(0));
    assertThat(pending.getFirst().count()).isEqualTo(4);
    assertThat(pending.getFirst().sizeBytes()).isEqualTo(log.snapshot(0).totalBytes());
    assertThat(pending.getFirst().nextDueMs()).isEqualTo(beginMs + 2_000);
    assertThat(pending.getFirst().lastDueMs()).isEqualTo(beginMs + 2_010);

    log.await(log.driver.deliverPending(List.of(partition(0))));
    assertThat(log.snapshot(0).visibleEndOffset()).isEqualTo(4);
    assertThat(log.driver.pending()).isEmpty();
    append(1);
    log.crash();
    assertThat(log.snapshot(0).visibleEndOffset()).isEqualTo(4);
    assertThat(log.driver.pending().getFirst().count()).isEqualTo(1);
    log.advance(2_000);
    assertThat(log.driver.pending()).isEmpty();
  }

  @Test
  void aClockThatIsSetShowsNothingEarlyNothingTwiceAndStopsNothing() {
    log.open(0, delayed(60_000));
    append(1);
    log.advance(30_000);
    append(1);

    log.setWallMs(log.wallMs() - 40_000);
    append(1);
    log.advance(69_999);
    assertThat(log.snapshot(0).visibleEndOffset()).isZero();
    log.advance(1);
    assertThat(log.snapshot(0).visibleEndOffset()).isEqualTo(1);

    log.setWallMs(log.wallMs() - 40_000);
    log.advance(1_000);
    assertThat(log.snapshot(0).visibleEndOffset()).as("what was shown").isEqualTo(1);

    log.setWallMs(log.wallMs() + 69_000);
    log.advance(10_000);
    assertThat(log.snapshot(0).visibleEndOffset()).as("set forward").isEqualTo(3);
    assertThat(log.driver.pending()).isEmpty();
  }

  @Test
  void retentionMovesTheLogStartAndFreesTheDisk() {
    log.open(0, retained(10_000, -2));
    fill(4);
    log.advance(60_000);
    PartitionSnapshot now = log.snapshot(0);
    assertThat(now.logStartOffset()).isEqualTo(now.highWatermark());
    assertThat(now.totalBytes()).isZero();
    assertThat(log.driver.stats().segments()).isLessThanOrEqualTo(2);
    log.crash();
    assertThat(log.snapshot(0).logStartOffset()).isEqualTo(now.logStartOffset());
  }

  @Test
  void sealedSegmentsAreHandedOutInOrderWithTheirRuns() {
    log.open(0, RunningLog.PLAIN);
    fill(2);
    log.advance(1_000);
    try (var segment = log.driver.nextToOffload(RunningLog.LOG)) {
      assertThat(segment).isNotNull();
      assertThat(segment.baseLsn()).isZero();
      assertThat(segment.runs()).hasSize(1);
      assertThat(segment.runs().getFirst().partition()).isEqualTo(partition(0));
      assertThat(segment.runs().getFirst().offsets().start()).isZero();
    }
    long lag = log.driver.offloadLagBytes(RunningLog.LOG);
    assertThat(lag).isPositive();
    assertThat(offloadAll()).isEqualTo(2);
    log.advance(1_000);
    assertThat(log.driver.offloadLagBytes(RunningLog.LOG)).isZero();
    assertThat(log.driver.liveObjects(RunningLog.LOG)).hasSize(2);
  }

  @Test
  void offloadedSegmentsAreTrimmedAndReadFromTheColdTier() {
    log.open(0, retained(-1, 5_000));
    fill(4);
    long tail = log.snapshot(0).highWatermark();
    log.advance(1_000);
    int offloaded = offloadAll();
    assertThat(offloaded).isEqualTo(4);
    log.advance(10_000);

    var now = log.snapshot(0);
    assertThat(now.localLogStartOffset()).isPositive().isLessThanOrEqualTo(now.tieredEndOffset());
    assertThat(now.hotBytes()).isLessThan(now.totalBytes());
    assertThat(log.read(0, 0, 1_000))
        .isInstanceOfSatisfying(
            ReadResult.Cold.class,
            cold -> {
              assertThat(cold.references().getFirst().offsets().start()).isZero();
              assertThat(cold.references().getLast().offsets().end())
                  .isEqualTo(now.localLogStartOffset());
              for (int i = 1; i < cold.references().size(); i++) {
                assertThat(cold.references().get(i).offsets().start())
                    .isEqualTo(cold.references().get(i - 1).offsets().end());
              }
            });
    append(1);
    assertThat(log.read(0, tail, 100_000)).isInstanceOf(ReadResult.Records.class);

    log.crash();
    assertThat(log.read(0, 0, 1_000)).isInstanceOf(ReadResult.Cold.class);
    assertThat(log.snapshot(0).localLogStartOffset()).isEqualTo(now.localLogStartOffset());
  }

  @Test
  void aTimeIsFoundInWhicheverTierItLies() {
    log.open(0, retained(-1, 5_000));
    long first = log.wallMs();
    fill(1);
    log.advance(1_000);
    fill(2);
    log.advance(100_000);
    offloadAll();
    log.advance(10_000);
    long tail = log.wallMs();
    append(1);

    assertThat(find(first)).isInstanceOf(ReadResult.Cold.class);
    assertThat(find(tail))
        .isInstanceOfSatisfying(
            ReadResult.Records.class,
            found -> {
              try (var bytes = found.bytes()) {
                assertThat(RunningLog.headers(RunningLog.copy(bytes))).hasSize(1);
              }
            });
    assertThat(find(tail + 1))
        .isInstanceOfSatisfying(
            ReadResult.Records.class, none -> assertThat(none.bytes().sizeBytes()).isZero());
  }

  /** The only record of the run that is late enough lies below the log start. */
  @Test
  void aSearchThatFindsNothingInTheColdTierGoesOnInTheHotTier() {
    log.open(0, retained(-1, 5_000));
    log.append(0, TestBatch.of(1).at(log.wallMs() + 50_000).bytes());
    fill(2);
    log.await(log.driver.deleteBefore(partition(0), 1));
    log.advance(1_000);
    offloadAll();
    log.advance(60_000);
    long tail = log.wallMs() - 20_000;
    long tailOffset = log.snapshot(0).logEndOffset();
    log.append(0, TestBatch.of(1).at(tail).bytes());

    var cold = (ReadResult.Cold) find(tail);
    long searchedEnd = cold.references().getLast().offsets().end();
    assertThat(searchedEnd).isLessThanOrEqualTo(tailOffset);
    assertThat(find(tail, searchedEnd))
        .isInstanceOfSatisfying(
            ReadResult.Records.class,
            found -> {
              try (var bytes = found.bytes()) {
                assertThat(RunningLog.headers(RunningLog.copy(bytes)).getFirst().baseOffset())
                    .isEqualTo(tailOffset);
              }
            });
  }

  private ReadResult find(long timestampMs) {
    return find(timestampMs, 0);
  }

  private ReadResult find(long timestampMs, long fromOffset) {
    var result = new AtomicReference<ReadResult>();
    log.driver.findByTime(new TimeRequest(partition(0), timestampMs, fromOffset), result::set);
    return result.get();
  }

  @Test
  void anIdleLogIsSealedWhenItIsOldEnoughAndAnEmptyOneNever() {
    log.open(0, RunningLog.PLAIN);
    append(1);
    log.advance(61_000);
    assertThat(offloadAll()).isEqualTo(1);
    int segments = log.driver.stats().segments();
    offloadAll();
    log.advance(61_000);
    log.advance(61_000);
    assertThat(log.driver.stats().segments()).isLessThanOrEqualTo(segments + 1);
  }

  @Test
  void recoveryReplaysNoMoreThanTwoSegments() {
    log.open(0, RunningLog.PLAIN);
    fill(6);
    log.advance(1_000);
    var checkpoints = disk.list().stream().filter(name -> name.endsWith(".ckpt")).toList();
    var segments = disk.list().stream().filter(name -> name.endsWith(".seg")).toList();
    var secondNewest = segments.get(segments.size() - 2).replace(".seg", "");
    assertThat(checkpoints.getLast().replace(".ckpt", "")).isGreaterThanOrEqualTo(secondNewest);
  }

  @Test
  void aFullDiskRefusesRecordsServesReadsAndTakesThemAgainLater() {
    log.open(0, RunningLog.PLAIN);
    append(1);
    log.disk.setCapacity(0);
    AppendResult refused = append(1);
    while (!(refused instanceof AppendResult.Refused)) {
      refused = append(100);
    }
    assertRefused(refused, Refusal.KAFKA_STORAGE_ERROR);
    assertThat(log.readAll(0, 0)).isNotEmpty();
    long end = log.snapshot(0).highWatermark();

    log.disk.setCapacity(Long.MAX_VALUE);
    log.advance(1_000);
    assertThat(append(1)).isEqualTo(new AppendResult.Appended(end, 0));
    assertThat(log.driver.stats().isFull()).isFalse();
  }

  @Test
  void afterAFailedSyncEverythingInFlightIsUncertainAndNothingIsTaken() {
    log.open(0, RunningLog.PLAIN);
    append(1);
    log.disk.failNextSync();
    assertThat(append(1))
        .isInstanceOfSatisfying(
            AppendResult.Uncertain.class,
            u -> assertThat(u.refusal()).isEqualTo(Refusal.KAFKA_STORAGE_ERROR));
    assertRefused(append(1), Refusal.KAFKA_STORAGE_ERROR);
    assertThat(log.driver.stats().isBroken()).isTrue();
    assertThat(log.snapshot(0).highWatermark()).isEqualTo(1);
    assertThat(log.readAll(0, 0)).hasSize(1);

    log.crash();
    assertThat(append(1)).isInstanceOf(AppendResult.Appended.class);
  }

  @Test
  void uploadsThatAreFarBehindRefuseProducers() {
    var limits = LogCrashTest.SMALL;
    var strict =
        new SteppedLog(
            new FaultyLogDisk(new Random(1)),
            new HotTierConfig(
                limits.segments(),
                ProducerLimits.DEFAULT,
                Durability.FSYNC,
                new AdmissionPlanner.Limits(1, 20_000),
                limits.limits(),
                limits.timing(),
                1,
                HotTierConfig.Replication.DEFAULT),
            new Random(1));
    strict.open(0, RunningLog.PLAIN);
    AtomicReference<AppendResult> last = new AtomicReference<>();
    for (int i = 0; i < 100; i++) {
      last = strict.send(0, TestBatch.of(100).bytes());
      strict.advance(600);
    }
    assertRefused(last.get(), Refusal.NOT_ENOUGH_REPLICAS);
  }

  @Test
  void aClosedTopicNeedsNoObjectsAndNoSegments() {
    log.open(0, RunningLog.PLAIN);
    fill(3);
    log.advance(1_000);
    offloadAll();
    assertThat(log.driver.liveObjects(RunningLog.LOG)).hasSize(3);
    log.await(log.driver.close(List.of(partition(0))));
    assertThat(log.driver.liveObjects(RunningLog.LOG)).isEmpty();
    log.advance(2_000);
    assertThat(log.driver.stats().segments()).isEqualTo(1);
  }
}
