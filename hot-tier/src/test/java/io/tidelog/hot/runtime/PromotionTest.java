package io.tidelog.hot.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.core.log.ReadResult;
import io.tidelog.hot.segment.CopyStanding;
import io.tidelog.hot.view.TestBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromotionTest {

  private final Random random = new Random(21);
  private final SteppedReplica one = new SteppedReplica(LogCrashTest.SMALL, random);
  private final SteppedReplica two = new SteppedReplica(LogCrashTest.SMALL, random);

  @BeforeEach
  void begin() {
    one.await(one.leadAlone(1));
    one.open(0);
    two.followWholly(one);
    two.replica.onCommit(one.driver.commitLsn());
    one.driver.onReplicas(two.replica.syncedLsn());
  }

  private static TestBatch batch(int sequence) {
    return TestBatch.of(2).recordBytes(200).from(1, 0, sequence);
  }

  private static Refusal uncertain(AppendResult result) {
    assertThat(result).isInstanceOf(AppendResult.Uncertain.class);
    return ((AppendResult.Uncertain) result).refusal();
  }

  private static Refusal refused(AppendResult result) {
    assertThat(result).isInstanceOf(AppendResult.Refused.class);
    return ((AppendResult.Refused) result).refusal();
  }

  /** Notes what it is told of, and why. */
  private record Told(List<String> events, List<Fault> faults) implements ProgressListener {

    @Override
    public void onWritten(long endLsn) {
      events.add("written");
    }

    @Override
    public void onSynced(long syncedLsn) {
      events.add("synced");
    }

    @Override
    public void onCommitted(long commitLsn) {
      events.add("committed");
    }

    @Override
    public void onUnreadable(Fault.Broken why) {
      events.add("unreadable");
      faults.add(why);
    }

    @Override
    public void onBroken(Fault.Broken fault) {
      events.add("broken");
      faults.add(fault);
    }
  }

  @Test
  void anAppendIsAnsweredWhenTheOtherReplicasHaveItToo() {
    var told = new ArrayList<String>();
    one.driver.onProgress(new Told(told, new ArrayList<>()));
    var all = one.send(0, batch(0).bytes(), Acks.ALL);
    var leaderOnly = one.send(0, batch(2).bytes(), Acks.LEADER);
    one.settleLane();
    assertThat(told).as("sent before it is synced").containsExactly("written");
    one.settle();
    assertThat(all.get()).isNull();
    assertThat(leaderOnly.get()).isInstanceOf(AppendResult.Appended.class);
    assertThat(told).containsExactly("written", "synced");
    one.driver.onReplicas(one.replica.endLsn());
    assertThat(all.get()).isEqualTo(new AppendResult.Appended(0, 0));
    assertThat(told).endsWith("committed");
  }

  @Test
  void aPromotedFollowerGivesNothingBeforeItsTermIsCommitted() {
    var lost = one.send(0, batch(0).bytes(), Acks.ALL);
    one.settle();
    two.followWholly(one);
    assertThat(lost.get()).isNull();
    var started = two.lead(2);
    two.driver.onReplicas(two.replica.endLsn() - 8);
    two.settle();
    assertThat(two.replica.appliedLsn()).as("the tail is applied").isPositive();
    assertThat(two.driver.snapshot(RunningLog.partition(0))).isNull();
    assertThat(two.read(0, 0)).isInstanceOf(ReadResult.UnknownPartition.class);
    assertThat(started.toCompletableFuture()).isNotDone();
    two.driver.onReplicas(two.replica.endLsn());
    assertThat(started.toCompletableFuture()).isDone();
    var snapshot = two.driver.snapshot(RunningLog.partition(0));
    assertThat(snapshot).isNotNull();
    assertThat(snapshot.highWatermark()).isEqualTo(2);
    assertThat(snapshot.leaderEpoch()).isEqualTo(2);
    assertThat(two.replica.history().lastTerm()).isEqualTo(2);
  }

  @Test
  void whatIsInTheTailIsADuplicateAndIsNotGivenOutAgain() {
    one.send(0, batch(0).bytes(), Acks.ALL);
    one.settle();
    two.followWholly(one);
    two.lead(2);
    var again = two.send(0, batch(0).bytes(), Acks.ALL);
    var next = two.send(0, batch(2).bytes(), Acks.ALL);
    two.settle();
    assertThat(again.get()).isNull();
    two.driver.onReplicas(Long.MAX_VALUE);
    two.settle();
    assertThat(again.get()).isEqualTo(new AppendResult.Appended(0, 0));
    assertThat(next.get()).isEqualTo(new AppendResult.Appended(2, 0));
  }

  @Test
  void partitionsOpenedInTheTailAreThere() {
    one.driver.open(List.of(new PartitionSpec(RunningLog.partition(3), 0, RunningLog.PLAIN)));
    one.settle();
    two.followWholly(one);
    two.leadAlone(2);
    assertThat(two.driver.partitions()).contains(RunningLog.partition(3));
    two.open(4);
    assertThat(two.send(4, batch(0).bytes(), Acks.ALL)).satisfies(answer -> two.settle());
  }

  @Test
  void nothingIsHandedOutToBeOffloadedBeforePartitionsArePublished() {
    one.send(0, batch(0).bytes(), Acks.ALL);
    one.settle();
    one.driver.onReplicas(Long.MAX_VALUE);
    one.await(one.driver.roll());
    one.send(0, batch(2).bytes(), Acks.ALL);
    one.settle();
    two.followWholly(one);
    two.replica.onCommit(one.driver.commitLsn());
    two.lead(2);
    two.advance(1_000);
    assertThat(two.driver.nextToOffload(RunningLog.LOG)).isNull();
    two.driver.onReplicas(Long.MAX_VALUE);
    two.settle();
    try (var sealed = two.driver.nextToOffload(RunningLog.LOG)) {
      assertThat(sealed).isNotNull();
      assertThat(sealed.runs()).isNotEmpty();
    }
  }

  @Test
  void aLogThatIsLedFollowsNoMore() {
    var groups = one.groups(0, 1);
    two.lead(2);
    assertThat(two.replica.append(groups)).isInstanceOf(ReplicaAppend.Refused.class);
    assertThatThrownBy(() -> two.replica.lead(new Leadership(3, null)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void withTooFewInSyncNothingIsCommittedAndNobodyIsLeftWaiting() {
    var written = one.send(0, batch(0).bytes(), Acks.ALL);
    one.settle();
    one.driver.onInSync(false);
    assertThat(uncertain(written.get())).isEqualTo(Refusal.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
    var all = one.send(0, batch(2).bytes(), Acks.ALL);
    var leaderOnly = one.send(0, batch(2).bytes(), Acks.LEADER);
    one.settle();
    assertThat(refused(all.get())).isEqualTo(Refusal.NOT_ENOUGH_REPLICAS);
    assertThat(leaderOnly.get()).isEqualTo(new AppendResult.Appended(2, 0));
    var duplicate = one.send(0, batch(2).bytes(), Acks.LEADER);
    one.settle();
    assertThat(duplicate.get()).isEqualTo(new AppendResult.Appended(2, 0));
    long commitLsn = one.driver.commitLsn();
    one.driver.onReplicas(Long.MAX_VALUE);
    assertThat(one.driver.commitLsn()).isEqualTo(commitLsn);
    assertThat(one.driver.snapshot(RunningLog.partition(0)).highWatermark()).isZero();
    var opened =
        one.driver.open(List.of(new PartitionSpec(RunningLog.partition(9), 0, RunningLog.PLAIN)));
    one.settle();
    assertThat(opened.toCompletableFuture()).isCompletedExceptionally();
    one.driver.onInSync(true);
    assertThat(one.driver.snapshot(RunningLog.partition(0)).highWatermark()).isEqualTo(4);
    var after = one.send(0, batch(4).bytes(), Acks.ALL);
    one.settle();
    assertThat(after.get()).isEqualTo(new AppendResult.Appended(4, 0));
  }

  @Test
  void tooMuchThatIsNotCommittedIsRefused() {
    var config =
        new HotTierConfig(
            one.config.segments(),
            one.config.producers(),
            one.config.durability(),
            one.config.admission(),
            one.config.limits(),
            one.config.timing(),
            1,
            new HotTierConfig.Replication(20_000, 2_000));
    var alone = new SteppedReplica(config, random);
    alone.leadAlone(1);
    alone.open(0);
    alone.driver.onInSync(false);
    AppendResult last = null;
    int accepted = 0;
    for (int i = 0; i < 200; i++) {
      var answer = alone.send(0, TestBatch.of(1).recordBytes(500).bytes(), Acks.LEADER);
      alone.settle();
      last = answer.get();
      accepted += last instanceof AppendResult.Appended ? 1 : 0;
    }
    assertThat(accepted).isBetween(20, 50);
    assertThat(refused(last)).isEqualTo(Refusal.NOT_ENOUGH_REPLICAS);
  }

  @Test
  void nothingIsServedLaterThanToldTo() {
    one.driver.serveUntil(one.monotonicNs());
    assertThat(one.driver.snapshot(RunningLog.partition(0))).isNotNull();
    one.nowMs++;
    assertThat(one.driver.snapshot(RunningLog.partition(0))).isNull();
    assertThat(one.read(0, 0)).isInstanceOf(ReadResult.UnknownPartition.class);
    one.driver.serveUntil(Long.MAX_VALUE);
    assertThat(one.driver.snapshot(RunningLog.partition(0))).isNotNull();
    one.driver.serveUntil(Long.MIN_VALUE);
    assertThat(one.driver.snapshot(RunningLog.partition(0))).isNull();
  }

  @Test
  void whoeverReplicatesIsToldThatNothingIsWrittenAnyMore() {
    var faults = new ArrayList<Fault>();
    one.driver.onProgress(new Told(new ArrayList<>(), faults));
    one.disk.failNextSync();
    one.send(0, batch(0).bytes(), Acks.ALL);
    one.settle();
    assertThat(faults).hasSize(1);
  }

  @Test
  void whoeverReplicatesIsToldOfWhatCannotBeReadHere() {
    var faults = new ArrayList<Fault>();
    one.driver.onProgress(new Told(new ArrayList<>(), faults));
    var damage = new Fault.Broken("planned");
    one.driver.onUnreadable(new LogId(new UUID(0, 0)), damage);
    one.driver.onUnreadable(RunningLog.LOG, damage);
    one.settle();
    assertThat(faults).containsExactly(damage);
    assertThat(one.driver.stats().damagedReads()).isOne();
  }

  @Test
  void theTermIsNamedOnlyWhileItIsCertainAndEverythingBeforeItIsKnown() {
    assertThat(one.driver.term(RunningLog.LOG)).isEqualTo(1);
    one.driver.serveUntil(one.monotonicNs());
    one.nowMs++;
    assertThat(one.driver.term(RunningLog.LOG)).isEqualTo(-1);
    two.lead(2);
    assertThat(two.driver.term(RunningLog.LOG)).as("its first frame waits").isEqualTo(-1);
    two.driver.onReplicas(Long.MAX_VALUE);
    two.settle();
    assertThat(two.driver.term(RunningLog.LOG)).isEqualTo(2);
  }

  @Test
  void whoeverMayLeadNoMoreTellsNoProducerThatItsSequenceIsWrong() {
    one.send(0, batch(0).bytes(), Acks.LEADER);
    var early = one.send(0, batch(40).bytes(), Acks.ALL);
    one.settle();
    assertThat(early.get()).as("another leader may have what comes before").isNull();
    one.driver.onProven(one.monotonicNs() - 1);
    assertThat(early.get()).isNull();
    one.driver.onProven(one.monotonicNs());
    assertThat(refused(early.get())).isEqualTo(Refusal.OUT_OF_ORDER_SEQUENCE_NUMBER);

    one.nowMs++;
    var late = one.send(0, batch(60).bytes(), Acks.ALL);
    one.settle();
    one.await(one.driver.depose());
    assertThat(refused(late.get())).isEqualTo(Refusal.NOT_LEADER_OR_FOLLOWER);
  }

  @Test
  void onAFullDiskATermBeginsLater() {
    two.disk.setCapacity(1);
    var began = two.lead(2);
    two.driver.onReplicas(Long.MAX_VALUE);
    two.advance(1_000);
    assertThat(began.toCompletableFuture()).isNotDone();
    assertThat(refused(send(two).get())).isEqualTo(Refusal.NOT_LEADER_OR_FOLLOWER);
    assertThat(two.replica.lastTerm()).isEqualTo(1);

    two.disk.setCapacity(Long.MAX_VALUE);
    two.advance(1_000);
    two.await(began);
    assertThat(two.replica.lastTerm()).isEqualTo(2);
    assertThat(send(two).get()).isInstanceOf(AppendResult.Appended.class);
  }

  private static AtomicReference<AppendResult> send(SteppedReplica to) {
    var result = to.send(0, batch(0).bytes(), Acks.ALL);
    to.settle();
    return result;
  }

  @Test
  void aSegmentStaysUntilItIsCommittedWhereTheNextOneBegins() {
    var alone = new SteppedReplica(LogCrashTest.SMALL, random);
    alone.await(alone.leadAlone(1));
    alone.await(alone.driver.roll());
    alone.advance(5_000);
    assertThat(alone.driver.stats().segments()).as("another leader may go on in it").isEqualTo(2);
    alone.open(0);
    alone.advance(5_000);
    assertThat(alone.driver.stats().segments()).isEqualTo(1);
  }

  @Test
  void aDeposedLeaderAnswersEverybodyAndLeavesItsFilesAsTheyAre() {
    two.followWholly(one);
    var written = one.send(0, batch(0).bytes(), Acks.ALL);
    one.settleLane();
    var gathered = one.send(0, batch(2).bytes(), Acks.ALL);
    one.settleLane();
    Map<String, byte[]> before = segments(one);
    var deposed = one.driver.depose();
    assertThat(uncertain(written.get())).isEqualTo(Refusal.NOT_LEADER_OR_FOLLOWER);
    assertThat(refused(gathered.get())).isEqualTo(Refusal.NOT_LEADER_OR_FOLLOWER);
    assertThat(deposed.toCompletableFuture()).isNotDone();
    one.await(deposed);
    assertThat(segments(one)).usingRecursiveComparison().isEqualTo(before);
    var late = one.send(0, batch(4).bytes(), Acks.LEADER);
    one.settle();
    assertThat(refused(late.get())).isEqualTo(Refusal.NOT_LEADER_OR_FOLLOWER);
    assertThat(one.driver.snapshot(RunningLog.partition(0))).isNull();
    var change =
        one.driver.open(List.of(new PartitionSpec(RunningLog.partition(9), 0, RunningLog.PLAIN)));
    one.settle();
    assertThatThrownBy(() -> one.await(change)).isInstanceOf(Fault.Fenced.class);
    assertThat(one.driver.depose()).isSameAs(deposed);
    two.leadAlone(2);
    one.cutTo(two, CopyStanding.COUNTED);
    one.followWholly(two);
    one.replica.onCommit(two.driver.commitLsn());
    assertThat(one.viewHash()).isEqualTo(two.viewHash());
  }

  private static Map<String, byte[]> segments(SteppedReplica of) {
    Map<String, byte[]> contents = new HashMap<>();
    for (var name : of.disk.list()) {
      if (name.endsWith(".seg")) {
        contents.put(name, of.disk.contents(name));
      }
    }
    return contents;
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void whatWasAcknowledgedSurvivesEveryChangeOfLeader(long seed) {
    new RandomTerms(seed).run();
  }

  /** Three replicas, all in sync, led by one after the other; each term ends without warning. */
  private static final class RandomTerms {
    private final long seed;
    private final Random random;
    private final List<SteppedReplica> all = new ArrayList<>();
    private final List<Long> acknowledged = new ArrayList<>();
    private int sequence;
    private long term;

    RandomTerms(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      for (int i = 0; i < 3; i++) {
        all.add(new SteppedReplica(LogCrashTest.SMALL, new Random(random.nextLong())));
      }
    }

    void run() {
      for (int round = 0; round < 25; round++) {
        var leader = all.get(random.nextInt(all.size()));
        if (leader.driver != null) {
          leader.abandon();
          leader.open(CopyStanding.COUNTED);
        }
        lead(leader, round == 0);
        end(leader);
      }
    }

    private void lead(SteppedReplica leader, boolean first) {
      leader.lead(++term);
      for (var follower : all) {
        if (follower != leader) {
          follower.cutTo(leader, CopyStanding.COUNTED);
        }
      }
      if (first) {
        leader.driver.open(
            List.of(new PartitionSpec(RunningLog.partition(0), 0, RunningLog.PLAIN)));
      }
      replicate(leader, true);
      check(leader);
      var waiting = leader.send(0, batch(sequence).bytes(), Acks.ALL);
      for (int step = 0; step < 60; step++) {
        if (waiting.get() instanceof AppendResult.Appended appended) {
          acknowledged.add(appended.baseOffset());
          sequence += 2;
          waiting = leader.send(0, batch(sequence).bytes(), Acks.ALL);
        }
        replicate(leader, false);
        if (random.nextInt(20) == 0) {
          leader.advance(600);
          all.forEach(each -> each.nowMs = leader.nowMs);
        }
        if (random.nextInt(30) == 0) {
          leader.await(leader.driver.roll());
        }
      }
    }

    private void replicate(SteppedReplica leader, boolean wholly) {
      leader.settle();
      long replicasLsn = Long.MAX_VALUE;
      for (var follower : all) {
        if (follower == leader) {
          continue;
        }
        if (wholly) {
          follower.followWholly(leader);
        } else if (random.nextBoolean()) {
          follower.follow(leader, 1 + random.nextInt(3), 1 + random.nextInt(3_000));
          if (random.nextBoolean()) {
            follower.settle();
          }
        }
        if (random.nextInt(12) == 0) {
          follower.advance(600);
          follower.nowMs = leader.nowMs;
        }
        if (random.nextInt(25) == 0) {
          follower.crash(CopyStanding.COUNTED);
        }
        follower.replica.onCommit(leader.driver.commitLsn());
        replicasLsn = Math.min(replicasLsn, follower.replica.syncedLsn());
      }
      leader.driver.onReplicas(replicasLsn);
      leader.settle();
    }

    private void check(SteppedReplica leader) {
      var snapshot = leader.driver.snapshot(RunningLog.partition(0));
      assertThat(snapshot).as("seed %d term %d", seed, term).isNotNull();
      long end = acknowledged.isEmpty() ? 0 : acknowledged.getLast() + 2;
      assertThat(snapshot.highWatermark())
          .as("seed %d term %d", seed, term)
          .isGreaterThanOrEqualTo(end);
      all.forEach(each -> each.replica.onCommit(leader.driver.commitLsn()));
      all.forEach(
          each ->
              assertThat(each.viewHash())
                  .as("seed %d term %d", seed, term)
                  .isEqualTo(leader.viewHash()));
      if (snapshot.highWatermark() > 0) {
        assertThat(leader.read(0, 0)).isInstanceOf(ReadResult.Records.class);
      }
    }

    private void end(SteppedReplica leader) {
      if (random.nextBoolean()) {
        leader.crash(CopyStanding.COUNTED);
      }
    }
  }
}
