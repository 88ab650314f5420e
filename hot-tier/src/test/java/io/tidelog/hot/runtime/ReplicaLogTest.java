package io.tidelog.hot.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.log.Acks;
import io.tidelog.hot.segment.CopyStanding;
import io.tidelog.hot.segment.RawGroups;
import io.tidelog.hot.view.TestBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplicaLogTest {

  private final Random random = new Random(11);
  private final SteppedReplica leader = new SteppedReplica(LogCrashTest.SMALL, random);
  private final SteppedReplica follower = new SteppedReplica(LogCrashTest.SMALL, random);

  @BeforeEach
  void begin() {
    leader.await(leader.leadAlone(1));
    leader.open(0);
    leader.open(1);
  }

  private void write(int batches) {
    for (int i = 0; i < batches; i++) {
      leader.send(i % 2, TestBatch.of(1 + i % 3).recordBytes(300).bytes(), Acks.ALL);
      leader.settle();
    }
  }

  @Test
  void aFollowerAppliesUpToTheCommitLsnAndNotBeyond() {
    write(40);
    follower.follow(leader, Integer.MAX_VALUE, 3_000);
    assertThat(follower.replica.endLsn()).isEqualTo(leader.replica.endLsn());
    assertThat(follower.replica.appliedLsn()).isZero();
    follower.replica.onCommit(leader.replica.endLsn() / 2);
    assertThat(follower.replica.appliedLsn())
        .isPositive()
        .isLessThanOrEqualTo(leader.replica.endLsn() / 2);
    follower.replica.onCommit(leader.driver.commitLsn());
    assertThat(follower.replica.appliedLsn()).isEqualTo(leader.replica.appliedLsn());
    assertThat(follower.viewHash()).isEqualTo(leader.viewHash());
    assertThat(follower.replica.history()).isEqualTo(leader.replica.history());
  }

  @Test
  void whatIsSyncedIsTold() {
    List<Long> told = new ArrayList<>();
    var replica = follower.replica;
    replica.start(
        new ReplicaListener() {
          @Override
          public void onSynced(long syncedLsn) {
            told.add(syncedLsn);
          }

          @Override
          public void onBroken(Fault.Broken fault) {
            told.add(-1L);
          }
        });
    follower.settle();
    follower.follow(leader, 1, 1);
    long first = replica.endLsn();
    follower.follow(leader, Integer.MAX_VALUE, 1);
    assertThat(replica.syncedLsn()).isZero();
    follower.settle();
    assertThat(told).containsExactly(first, replica.endLsn());
    follower.disk.failNextSync();
    write(1);
    follower.followWholly(leader);
    assertThat(told).endsWith(-1L);
    assertThat(replica.append(leader.groups(0, 1))).isInstanceOf(ReplicaAppend.Failed.class);
  }

  private static ReplicaAppend.Reason reason(ReplicaAppend append) {
    assertThat(append).isInstanceOf(ReplicaAppend.Refused.class);
    return ((ReplicaAppend.Refused) append).reason();
  }

  @Test
  void anyBitThatIsWrongIsRefusedAndNeverWritten() {
    write(10);
    follower.follow(leader, 3, 1);
    long end = follower.replica.endLsn();
    var before = follower.disk.contents("00000000000000000000.seg");
    for (int i = 0; i < 2_000; i++) {
      var groups = leader.groups(end, 5_000);
      int at = random.nextInt(groups.bytes().limit());
      groups.bytes().put(at, (byte) (groups.bytes().get(at) ^ 1 << random.nextInt(8)));
      assertThat(reason(follower.replica.append(groups))).isEqualTo(ReplicaAppend.Reason.DAMAGED);
    }
    var cut = leader.groups(end, 5_000);
    cut.bytes().limit(cut.bytes().limit() - 8);
    assertThat(reason(follower.replica.append(cut))).isEqualTo(ReplicaAppend.Reason.DAMAGED);
    assertThat(follower.replica.endLsn()).isEqualTo(end);
    assertThat(follower.disk.contents("00000000000000000000.seg")).isEqualTo(before);
    follower.followWholly(leader);
  }

  @Test
  void whatDoesNotComeNextIsRefused() {
    write(10);
    var first = leader.groups(0, 1);
    var second = leader.groups(first.endLsn(), 1);
    assertThat(reason(follower.replica.append(second))).isEqualTo(ReplicaAppend.Reason.NOT_NEXT);
    follower.replica.append(first);
    assertThat(reason(follower.replica.append(first))).isEqualTo(ReplicaAppend.Reason.NOT_NEXT);
    var elsewhere = new RawGroups(second.lsn(), 8, second.bytes());
    assertThat(reason(follower.replica.append(elsewhere)))
        .isEqualTo(ReplicaAppend.Reason.OTHER_SEGMENT);
  }

  @Test
  void whatWasAppendedTooFarAheadOfTheOwnClockIsRefused() {
    leader.nowMs += 2_001;
    write(1);
    follower.follow(leader, 3, 1);
    assertThat(reason(follower.replica.append(leader.groups(follower.replica.endLsn(), 1))))
        .isEqualTo(ReplicaAppend.Reason.AHEAD_OF_TIME);
    follower.nowMs += 1;
    follower.followWholly(leader);
    assertThat(follower.replica.endLsn()).isEqualTo(leader.replica.endLsn());
  }

  @Test
  void anOlderTermIsRefusedAndSoIsANewerOneWithoutItsStart() {
    write(2);
    follower.followWholly(leader);
    long end = follower.replica.endLsn();
    write(1);
    var late = leader.groups(end, 1);
    follower.lead(5);
    follower.abandon();
    follower.open(CopyStanding.UNCOUNTED);
    assertThat(reason(follower.replica.append(late))).isEqualTo(ReplicaAppend.Reason.NOT_NEXT);
    var third = new SteppedReplica(LogCrashTest.SMALL, random);
    third.leadAlone(7);
    third.abandon();
    third.open(CopyStanding.COUNTED);
    var old = leader.groups(0, 1);
    assertThat(reason(third.replica.append(new RawGroups(third.replica.endLsn(), 0, old.bytes()))))
        .isEqualTo(ReplicaAppend.Reason.DAMAGED);
  }

  @Test
  void recoveryKeepsWhatIsNotKnownToBeCommittedAsATail() {
    write(30);
    follower.followWholly(leader);
    var replica = follower.replica;
    long end = replica.endLsn();
    assertThat(follower.replica.appliedLsn()).isZero();
    follower.crash(CopyStanding.COUNTED);
    assertThat(follower.replica).isNotSameAs(replica);
    assertThat(follower.replica.endLsn()).isEqualTo(end);
    // The last group tells of the commit of the one before.
    assertThat(follower.replica.appliedLsn()).isPositive().isLessThan(end);
    assertThat(follower.replica.commitLsn()).isEqualTo(follower.replica.appliedLsn());
    assertThat(follower.replica.history()).isEqualTo(leader.replica.history());
    follower.replica.onCommit(leader.driver.commitLsn());
    assertThat(follower.viewHash()).isEqualTo(leader.viewHash());
  }

  @Test
  void aFollowerSavesItsViewAndStartsFromItAgain() {
    for (int i = 0; i < 30; i++) {
      write(4);
      follower.followWholly(leader);
      follower.replica.onCommit(leader.driver.commitLsn());
      leader.advance(500);
      follower.advance(500);
    }
    assertThat(follower.disk.list()).anyMatch(name -> name.endsWith(".ckpt"));
    assertThat(follower.disk.list()).anyMatch(name -> name.endsWith(".idx"));
    long hash = follower.viewHash();
    follower.await(follower.replica.stop());
    follower.open(CopyStanding.COUNTED);
    assertThat(follower.replica.appliedLsn()).isEqualTo(follower.replica.endLsn());
    assertThat(follower.viewHash()).isEqualTo(hash);
  }

  @Test
  void aCopyThatDoesNotCountEndsWhereItIsSoundAndOneThatCountsIsDamaged() {
    write(30);
    follower.followWholly(leader);
    follower.abandon();
    var name = "00000000000000000000.seg";
    var contents = follower.disk.contents(name);
    contents[contents.length / 2] ^= 1;
    follower.disk.replace(name, contents);
    assertThatThrownBy(() -> follower.open(CopyStanding.COUNTED)).isInstanceOf(Fault.Broken.class);
    follower.open(CopyStanding.UNCOUNTED);
    assertThat(follower.replica.endLsn()).isLessThan(leader.replica.endLsn());
    follower.followWholly(leader);
    follower.replica.onCommit(leader.driver.commitLsn());
    assertThat(follower.viewHash()).isEqualTo(leader.viewHash());
  }

  @Test
  void aFullDiskOfAFollowerTakesTheSameGroupsLater() {
    write(4);
    follower.disk.setCapacity(500);
    var groups = leader.groups(0, 1 << 20);
    assertThat(follower.replica.append(groups)).isInstanceOf(ReplicaAppend.Full.class);
    follower.disk.setCapacity(Long.MAX_VALUE);
    follower.advance(1_000);
    assertThat(follower.replica.append(groups)).isInstanceOf(ReplicaAppend.Written.class);
  }
}
