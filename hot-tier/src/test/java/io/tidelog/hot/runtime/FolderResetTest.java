package io.tidelog.hot.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.ColdObject;
import io.tidelog.hot.disk.FaultyLogDisk;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.disk.StoppingDisk;
import io.tidelog.hot.segment.CheckpointCopy;
import io.tidelog.hot.segment.CopyStanding;
import io.tidelog.hot.segment.FolderReset;
import io.tidelog.hot.view.TestBatch;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FolderResetTest {

  private final Random random = new Random(31);
  private final SteppedReplica leader = new SteppedReplica(LogCrashTest.SMALL, random);
  private final SteppedReplica copy = new SteppedReplica(LogCrashTest.SMALL, random);

  @BeforeEach
  void begin() {
    leader.await(leader.leadAlone(1));
    leader.open(0);
    write(60);
    leader.abandon();
    leader.open(CopyStanding.COUNTED);
    leader.await(leader.leadAlone(2));
    write(60);
  }

  private void write(int batches) {
    for (int i = 0; i < batches; i++) {
      leader.send(0, TestBatch.of(1).recordBytes(600).bytes(), Acks.ALL);
      leader.advance(i % 10 == 0 ? 500 : 1);
    }
    leader.advance(1_000);
    copy.nowMs = leader.nowMs;
  }

  private CheckpointCopy checkpoint() {
    return leader.await(leader.replica.checkpointToSend());
  }

  private static void reset(LogDisk disk, CheckpointCopy from) throws IOException {
    FolderReset.toCheckpoint(disk, RunningLog.LOG, from);
  }

  @Test
  void aNewReplicaBeginsWithACheckpointAndIsFilledUp() throws IOException {
    var sent = checkpoint();
    assertThat(sent.lsn()).isPositive();
    copy.abandon();
    reset(copy.disk, sent);
    copy.open(CopyStanding.UNCOUNTED);
    assertThat(copy.replica.endLsn()).isEqualTo(sent.firstLsn());
    assertThat(copy.replica.appliedLsn()).isEqualTo(sent.lsn());
    fill(sent);
    assertThat(copy.viewHash()).isEqualTo(leader.viewHash());
    assertThat(copy.replica.history()).isEqualTo(leader.replica.history());
    copy.open(CopyStanding.COUNTED);
    copy.leadAlone(9);
    assertThat(copy.driver.snapshot(RunningLog.partition(0)).highWatermark()).isEqualTo(120);
  }

  /** What says that it is in the cold tier lies behind what is known to be committed. */
  @Test
  void aNewReplicaMayLeadBeforeItKnowsWhatIsInTheColdTier() throws IOException {
    long checkpointLsn = checkpoint().lsn();
    for (var next = leader.driver.nextToOffload(RunningLog.LOG);
        next != null && next.endLsn() <= checkpointLsn;
        next = leader.driver.nextToOffload(RunningLog.LOG)) {
      var object =
          new ColdObject(
              RunningLog.LOG, next.term(), next.baseLsn(), next.endLsn(), "key", 1, 1, 1);
      next.close();
      leader.await(leader.driver.commit(object));
    }
    var sent = checkpoint();
    assertThat(sent.lsn()).isEqualTo(checkpointLsn);
    assertThat(sent.firstLsn()).isPositive();
    copy.abandon();
    reset(copy.disk, sent);
    copy.open(CopyStanding.UNCOUNTED);
    copy.followWholly(leader);
    copy.leadAlone(9);
    assertThat(copy.driver.snapshot(RunningLog.partition(0)).highWatermark()).isEqualTo(120);
  }

  /** Crashes on the way, and goes on where it was. */
  private void fill(CheckpointCopy sent) {
    while (copy.replica.endLsn() < leader.replica.endLsn()) {
      if (copy.replica.endLsn() < sent.lsn()) {
        assertThatThrownBy(() -> copy.replica.lead(new Leadership(9, null)))
            .isInstanceOf(IllegalStateException.class);
      }
      long common =
          copy.replica
              .history()
              .commonEndLsn(
                  copy.replica.endLsn(), leader.replica.history(), leader.replica.endLsn());
      assertThat(common).isEqualTo(copy.replica.endLsn());
      copy.follow(leader, 1 + random.nextInt(4), 1 + random.nextInt(4_000));
      if (random.nextInt(3) == 0) {
        copy.settle();
      }
      if (random.nextInt(4) == 0) {
        copy.crash(CopyStanding.UNCOUNTED);
      }
      copy.replica.onCommit(leader.driver.commitLsn());
      if (random.nextInt(5) == 0) {
        copy.advance(600);
        copy.nowMs = leader.nowMs;
      }
    }
    copy.settle();
    copy.replica.onCommit(leader.driver.commitLsn());
  }

  @Test
  void aDamagedCheckpointChangesNothing() throws IOException {
    var sent = checkpoint();
    copy.followWholly(leader);
    copy.abandon();
    var before = copy.disk.list();
    sent.file().put(100, (byte) (sent.file().get(100) ^ 1));
    assertThatThrownBy(() -> reset(copy.disk, sent)).isInstanceOf(Fault.Broken.class);
    assertThat(copy.disk.list()).isEqualTo(before);
    assertThatThrownBy(() -> reset(copy.disk, new CheckpointCopy(sent.lsn() + 8, 0, sent.file())))
        .isInstanceOf(Fault.Broken.class);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aCrashAtAnyStepLeavesTheOldLogTheNewOneOrAnEmptyOne(long seed) throws IOException {
    var order = new Random(seed);
    var sent = checkpoint();
    copy.followWholly(leader);
    copy.replica.onCommit(leader.driver.commitLsn());
    copy.advance(1_000);
    long oldEnd = copy.replica.endLsn();
    copy.abandon();
    var old = copy.disk;
    boolean isThrough = false;
    for (int changes = 0; !isThrough; changes++) {
      FaultyLogDisk crashing = old.copy(order);
      var stopping = new StoppingDisk(crashing, changes);
      try {
        reset(stopping, sent);
      } catch (IOException e) {
        assertThat(stopping.isAlive()).isFalse();
      }
      isThrough = stopping.isAlive();
      crashing.crash();
      copy.disk = crashing;
      copy.open(CopyStanding.UNCOUNTED);
      long end = copy.replica.endLsn();
      long applied = copy.replica.appliedLsn();
      boolean isOld = end == oldEnd && applied > 0;
      boolean isNew = end == sent.firstLsn() && applied == sent.lsn();
      boolean isEmpty = end == 0 && applied == 0;
      assertThat(isThrough ? isNew : isOld || isNew || isEmpty)
          .as("seed %d after %d changes: end %d, applied %d", seed, changes, end, applied)
          .isTrue();
      if (isEmpty) {
        assertThat(copy.replica.history().count()).isZero();
      }
      copy.abandon();
    }
  }

  @Test
  void anEmptiedFolderFollowsFromTheBeginning() throws IOException {
    copy.followWholly(leader);
    copy.abandon();
    FolderReset.toEmpty(copy.disk);
    copy.open(CopyStanding.UNCOUNTED);
    assertThat(copy.replica.endLsn()).isZero();
    copy.followWholly(leader);
    copy.replica.onCommit(leader.driver.commitLsn());
    assertThat(copy.viewHash()).isEqualTo(leader.viewHash());
  }
}
