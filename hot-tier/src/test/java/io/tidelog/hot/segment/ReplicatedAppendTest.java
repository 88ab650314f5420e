package io.tidelog.hot.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.hot.disk.FaultyLogDisk;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicatedAppendTest {

  private static final SegmentConfig LARGER =
      new SegmentConfig(
          256 << 10, 60_000, 16 << 10, 4 << 10, 16 << 10, 1, 4 << 10, 8 << 10, 16 << 10);

  private final Random random = new Random(3);
  private final FaultyLogDisk leaderDisk = new FaultyLogDisk(random);
  private final FaultyLogDisk disk = new FaultyLogDisk(random);

  private static TestLog log(FaultyLogDisk disk, SegmentConfig config) {
    return new TestLog(disk, new Random(4), config, ReplayStart.BEGINNING, (f, l, b) -> {});
  }

  private static RawGroups next(TestLog leader, long lsn, int maxBytes) {
    var range = leader.log.rawReads().fromMemory(lsn, maxBytes);
    range = range == null ? leader.log.rawReads().fromFiles(lsn, maxBytes) : range;
    assertThat(range).isInstanceOf(RawRange.Groups.class);
    return ((RawRange.Groups) range).groups();
  }

  private static AppendOutcome append(TestLog follower, RawGroups groups) {
    return follower.writer().appendReplicated(groups, SegmentWriter.Urgency.ORDINARY);
  }

  @ParameterizedTest(name = "segments of {0} bytes here")
  @ValueSource(ints = {16 << 10, 32 << 10, 256 << 10})
  void filesAreTheSameAsTheLeadersWhateverSizeSegmentsHaveHere(int segmentBytes)
      throws IOException {
    var leader = log(leaderDisk, TestLog.SMALL);
    var follower =
        log(
            disk,
            new SegmentConfig(segmentBytes, 60_000, 16 << 10, 4 << 10, 16 << 10, 1, 4 << 10, 0, 0));
    follower.log.upkeep();
    while (leader.log.segments().list().size() < 5) {
      leader.appendRandom(3, 600);
      if (random.nextInt(3) == 0) {
        copyAll(leader, follower, 1 + random.nextInt(20_000));
      }
      if (random.nextInt(40) == 0) {
        leader.writer().rollNow();
      }
    }
    leader.appendRandom(3, 100);
    copyAll(leader, follower, 1 << 20);
    leader.sync();
    follower.sync();
    leader.sealAll();
    follower.sealAll();
    leader.log.close();
    follower.log.close();
    var segments = leaderDisk.list().stream().filter(name -> name.matches("[0-9]+\\.(seg|idx)"));
    segments.forEach(
        name -> assertThat(disk.contents(name)).as(name).isEqualTo(leaderDisk.contents(name)));
    assertThat(disk.list()).filteredOn(name -> name.endsWith(".seg")).hasSizeGreaterThan(4);
    var again = log(disk, LARGER);
    assertThat(again.log.recovered().endLsn()).isEqualTo(leader.writer().endLsn());
  }

  private static void copyAll(TestLog leader, TestLog follower, int maxBytes) {
    while (follower.writer().endLsn() < leader.writer().endLsn()) {
      var groups = next(leader, follower.writer().endLsn(), maxBytes);
      assertThat(append(follower, groups)).isInstanceOf(AppendOutcome.Written.class);
    }
  }

  @Test
  void whatDoesNotFollowIsABugAndChangesNothing() {
    var leader = log(leaderDisk, TestLog.SMALL);
    leader.appendRandom(1, 100);
    leader.appendRandom(1, 100);
    long second = leader.groups.get(1).lsn();
    var follower = log(disk, TestLog.SMALL);
    var late = next(leader, second, 1);
    assertThatThrownBy(() -> append(follower, late)).isInstanceOf(IllegalArgumentException.class);
    append(follower, next(leader, 0, 1));
    var misplaced = new RawGroups(second, 8, late.bytes());
    assertThatThrownBy(() -> append(follower, misplaced))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(follower.writer().endLsn()).isEqualTo(second);
    assertThat(follower.writer().mayFollow(0)).isTrue();
    assertThat(follower.writer().mayFollow(second)).isTrue();
    assertThat(follower.writer().mayFollow(8)).isFalse();
  }

  @Test
  void aFullDiskTakesAllGroupsOrNone() {
    var leader = log(leaderDisk, TestLog.SMALL);
    for (int i = 0; i < 5; i++) {
      leader.appendRandom(2, 500);
    }
    var follower = log(disk, TestLog.SMALL);
    disk.setCapacity(700);
    var groups = next(leader, 0, 1 << 20);
    assertThat(append(follower, groups)).isInstanceOf(AppendOutcome.Full.class);
    assertThat(append(follower, groups)).isInstanceOf(AppendOutcome.Full.class);
    assertThat(follower.writer().endLsn()).isZero();
    disk.setCapacity(Long.MAX_VALUE);
    follower.writer().maybeRecover();
    assertThat(append(follower, groups)).isInstanceOf(AppendOutcome.Written.class);
    follower.sync();
    assertThat(log(disk, TestLog.SMALL).log.recovered().endLsn()).isEqualTo(groups.endLsn());
  }

  @Test
  void whoHasFollowedWritesOn() {
    var leader = log(leaderDisk, LARGER);
    while (leader.writer().endLsn() < 40 << 10) {
      leader.appendRandom(2, 600);
    }
    var follower = log(disk, TestLog.SMALL);
    copyAll(leader, follower, 9_000);
    assertThat(follower.log.segments().list()).hasSize(1);
    long end = follower.writer().endLsn();
    assertThat(follower.appendRandom(2, 100)).isInstanceOf(AppendOutcome.Written.class);
    assertThat(follower.log.segments().active().baseLsn())
        .as("its own segment size counts again")
        .isEqualTo(end);
    assertThat(follower.log.rawReads().fromMemory(end, 1 << 20))
        .isInstanceOf(RawRange.Groups.class);
    follower.sync();
    assertThat(log(disk, TestLog.SMALL).log.recovered().endLsn())
        .isEqualTo(follower.writer().endLsn());
  }
}
