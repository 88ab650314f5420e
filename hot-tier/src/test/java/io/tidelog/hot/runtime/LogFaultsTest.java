package io.tidelog.hot.runtime;

import static io.tidelog.hot.runtime.RunningLog.PLAIN;
import static io.tidelog.hot.runtime.SteppedLog.partition;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.DelayGate;
import io.tidelog.core.log.DelayGates;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.hot.disk.FaultyLogDisk;
import io.tidelog.hot.leader.AdmissionPlanner;
import io.tidelog.hot.leader.Durability;
import io.tidelog.hot.view.ListDelayGates;
import io.tidelog.hot.view.TestBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of those who wait when a disk, a view or a seal fails at an awkward moment. */
class LogFaultsTest {

  private static final int KIB = 1 << 10;

  private final FaultyLogDisk disk = new FaultyLogDisk(new Random(1));

  private SteppedLog log(long seed, HotTierConfig config) {
    var log = new SteppedLog(disk, config, new Random(seed));
    log.open(0, PLAIN);
    return log;
  }

  private static ByteBuffer records(int bytes) {
    return TestBatch.of(1).recordBytes(bytes).bytes();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whatTheLaneLeftWaitingIsAnsweredWhenTheSyncFails(long seed) {
    var log = log(seed, LogCrashTest.SMALL);
    disk.failNextSync();
    List<AtomicReference<AppendResult>> results = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      results.add(log.send(0, records(KIB)));
    }
    log.settle();
    assertThat(results).noneMatch(result -> result.get() == null);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aLogStopsAlsoWhenTheSyncItWaitsForFails(long seed) {
    var log = log(seed, LogCrashTest.SMALL);
    disk.failNextSync();
    var result = log.send(0, records(KIB));
    var stopped = log.driver.stop().toCompletableFuture();
    log.settle();
    assertThat(result.get()).isNotNull();
    assertThat(stopped).isDone();
  }

  @Test
  void aLogThatHoldsProducersBackAnswersThemWhenItStops() {
    var small = LogCrashTest.SMALL;
    var log =
        log(
            1,
            new HotTierConfig(
                small.segments(),
                small.producers(),
                small.durability(),
                new AdmissionPlanner.Limits(1, 1L << 40),
                small.limits(),
                small.timing(),
                1,
                HotTierConfig.Replication.DEFAULT));
    log.append(0, records(KIB));
    log.await(log.driver.roll());
    log.settle();
    var held = log.send(0, records(KIB));
    log.settle();
    assertThat(held.get()).isNull();

    log.await(log.driver.stop());
    assertThat(held.get())
        .isInstanceOfSatisfying(
            AppendResult.Refused.class,
            r -> assertThat(r.refusal()).isEqualTo(Refusal.NOT_LEADER_OR_FOLLOWER));
  }

  @Test
  void whatIsDecidedBehindAWriteThatFindsTheDiskFullFitsWhatIsLeft() {
    var log = log(1, LogCrashTest.SMALL);
    log.send(0, records(KIB));
    log.settleLane(); // written, and the sync is under way: what comes is gathered
    disk.setCapacity(0);
    var refused = log.driver.open(specs(1, 2)).toCompletableFuture();
    log.settleLane();
    disk.setCapacity(4 << 20);
    var opened = log.driver.open(specs(3)).toCompletableFuture();
    log.settle();
    assertThat(refused).isCompletedExceptionally();
    assertThat(opened).isCompleted();
    assertThat(log.driver.stats().isBroken()).isFalse();
    log.crash();
    log.open(4, PLAIN);
    assertThat(log.driver.partitions()).contains(partition(0), partition(3), partition(4));
  }

  private static List<PartitionSpec> specs(int... numbers) {
    List<PartitionSpec> specs = new ArrayList<>();
    for (int number : numbers) {
      specs.add(new PartitionSpec(partition(number), 0, PLAIN));
    }
    return specs;
  }

  @Test
  void aSegmentWhoseIndexCannotBeWrittenIsOffloadedAndIndexedLater() throws Exception {
    var log = log(1, LogCrashTest.SMALL);
    log.append(0, records(KIB));
    var rolled = log.driver.roll();
    log.settleLane();
    disk.failNextWrite();
    log.settle();
    assertThat(rolled).isCompleted();
    assertThat(disk.list()).noneMatch(name -> name.endsWith(".idx") || name.endsWith(".tmp"));

    try (var segment = log.driver.nextToOffload(RunningLog.LOG)) {
      assertThat(segment).isNotNull();
      assertThat(segment.runs()).hasSize(1);
      log.await(log.driver.commit(object(segment)));
    }
    log.advance(2_000);
    assertThat(disk.list()).anyMatch(name -> name.endsWith(".idx"));
  }

  /** What was written is synced when somebody asks for it. */
  private static HotTierConfig lazilySynced() {
    var small = LogCrashTest.SMALL;
    return new HotTierConfig(
        small.segments(),
        small.producers(),
        Durability.REPLICATED,
        small.admission(),
        small.limits(),
        new HotTierConfig.Timing(500, 30_000, 600_000, 500_000),
        1,
        HotTierConfig.Replication.DEFAULT);
  }

  @Test
  void aLogThatIsNeverWhollySyncedIsSavedAllTheSame() {
    var log = log(1, lazilySynced());
    for (int i = 0; i < 40; i++) {
      log.append(0, records(KIB));
      log.advance(500);
    }
    assertThat(checkpoints()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void aSegmentStaysUntilThePowerCannotTakeBackThatItIsInTheColdTier(long seed) {
    var log = new SteppedLog(disk, lazilySynced(), new Random(seed));
    log.open(0, new PartitionConfig(-1, -1, 1, -2, false, true, 0, -1));
    for (int i = 0; i < 30; i++) {
      log.append(0, records(KIB));
      log.await(log.driver.roll());
      log.advance(500);
    }
    try (var segment = log.driver.nextToOffload(RunningLog.LOG)) {
      log.await(log.driver.commit(object(segment)));
    }
    log.advance(500);
    log.crash();
    assertThat(log.read(0, 0, 1)).isInstanceOfAny(ReadResult.Cold.class, ReadResult.Records.class);
  }

  private static ColdObject object(SealedSegment segment) {
    return new ColdObject(
        RunningLog.LOG, segment.term(), segment.baseLsn(), segment.endLsn(), "object", 1, 1, 1);
  }

  @Test
  void aLogWhoseFirstSegmentIsMissingThoughItIsWantedIsBroken() {
    var log = log(1, LogCrashTest.SMALL);
    for (int i = 0; i < 40; i++) {
      log.append(0, records(KIB));
      log.advance(500);
    }
    disk.delete("00000000000000000000.seg");
    assertThat(BlockingTask.failureOf(disk::syncDirectory)).isNull();
    assertThatThrownBy(log::crash).isInstanceOf(Fault.Broken.class);
  }

  @Test
  void aViewThatFailedHalfWayIsNeverSaved() {
    var gates = new FailingGates();
    var log = new SteppedLog(disk, LogCrashTest.SMALL, new Random(1), gates);
    log.open(0, new PartitionConfig(-1, -1, -2, -2, false, true, 1_000, -1));
    for (int i = 0; i < 14; i++) {
      log.append(0, records(KIB));
    }
    gates.isFailing = true;
    assertThatThrownBy(() -> log.append(0, records(KIB))).isInstanceOf(IllegalStateException.class);
    assertThat(log.driver.stats().isBroken()).isTrue();
    var before = checkpoints();
    log.advance(5_000);
    assertThat(checkpoints()).isEqualTo(before);
  }

  private List<String> checkpoints() {
    return disk.list().stream().filter(name -> name.endsWith(".ckpt")).toList();
  }

  /** Gates that fail on command, as a bug in one would. */
  private static final class FailingGates implements DelayGates {

    private final DelayGates sound = new ListDelayGates();
    private boolean isFailing;

    @Override
    public DelayGate create(long delayMs) {
      return new FailingGate(sound.create(delayMs));
    }

    @Override
    public DelayGate restore(ByteBuffer saved) {
      return new FailingGate(sound.restore(saved));
    }

    private final class FailingGate implements DelayGate {
      private final DelayGate gate;

      FailingGate(DelayGate gate) {
        this.gate = gate;
      }

      @Override
      public void onAppended(long endOffset, long appendTimeMs, int sizeBytes) {
        if (isFailing) {
          throw new IllegalStateException("a bug");
        }
        gate.onAppended(endOffset, appendTimeMs, sizeBytes);
      }

      @Override
      public void onDelayChanged(long newDelayMs) {
        gate.onDelayChanged(newDelayMs);
      }

      @Override
      public void onDeliverAll(long nowMs) {
        gate.onDeliverAll(nowMs);
      }

      @Override
      public long visibleEndOffset(long nowMs, long limitOffset) {
        return gate.visibleEndOffset(nowMs, limitOffset);
      }

      @Override
      public long nextDueMs() {
        return gate.nextDueMs();
      }

      @Override
      public long lastVisibleDueMs() {
        return gate.lastVisibleDueMs();
      }

      @Override
      public long pendingBytes() {
        return gate.pendingBytes();
      }

      @Override
      public ByteBuffer save() {
        return gate.save();
      }
    }
  }
}
