package io.tidelog.hot.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.hot.disk.FaultyLogDisk;
import io.tidelog.hot.format.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogRecoveryTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void aCutAtAnyByteKeepsTheWholeGroupsBeforeIt(long seed) {
    var random = new Random(seed);
    var disk = new FaultyLogDisk(random);
    var test = new TestLog(disk, random);
    fill(test, 8);
    byte[] sound = disk.contents("00000000000000000000.seg");
    for (int cut = 0; cut <= sound.length; cut++) {
      byte[] bytes = Arrays.copyOf(sound, cut);
      int kept = wholeGroups(test.groups, cut);
      long commit = kept == 0 ? 0 : test.groups.get(kept - 1).commitLsn();
      long end = kept == 0 ? 0 : test.groups.get(kept - 1).endLsn();
      assertThat(commit).isLessThanOrEqualTo(end);
      assertThat(recover(disk, bytes)).as("seed=%d cut=%d", seed, cut).isEqualTo(end);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aFlippedByteEndsTheLogOrIsDamageBelowTheCommit(long seed) {
    var random = new Random(seed);
    var disk = new FaultyLogDisk(random);
    var test = new TestLog(disk, random);
    fill(test, 8);
    byte[] sound = disk.contents("00000000000000000000.seg");
    int damages = 0;
    for (int at = 0; at < sound.length; at++) {
      byte[] bytes = sound.clone();
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      int bad = wholeGroups(test.groups, at);
      long end = test.groups.get(bad).lsn();
      boolean damage =
          test.groups.stream().skip(bad + 1).anyMatch(group -> group.commitLsn() > end);
      long recovered = recover(disk, bytes);
      assertThat(recovered).as("seed=%d at=%d", seed, at).isEqualTo(damage ? -1 : end);
      damages += damage ? 1 : 0;
    }
    assertThat(damages).isBetween(1, sound.length - 1);
  }

  private static void fill(TestLog test, int groups) {
    for (int i = 0; i < groups; i++) {
      test.appendRandom(3, 120);
      if (i % 3 == 1) {
        test.sync();
      }
    }
  }

  private static int wholeGroups(List<TestLog.Group> groups, long bytes) {
    return (int) groups.stream().filter(group -> group.endLsn() <= bytes).count();
  }

  /** Gives the recovered end, or −1 for damage; checks that frames came in order and whole. */
  private static long recover(FaultyLogDisk source, byte[] segment) {
    var disk = source.copy(new Random(1));
    disk.replace("00000000000000000000.seg", segment);
    var lsns = new ArrayList<Long>();
    try {
      var log =
          SegmentLog.recover(
              TestLog.parts(disk, TestLog.SMALL),
              ReplayStart.BEGINNING,
              CopyStanding.COUNTED,
              (frame, lsn, base) -> lsns.add(lsn));
      assertThat(lsns).isSorted();
      long end = log.recovered().endLsn();
      assertThat(disk.contents("00000000000000000000.seg").length).isEqualTo((int) end);
      return end;
    } catch (Fault.Broken e) {
      assertThat(e).hasMessageContaining("00000000000000000000.seg");
      return -1;
    }
  }

  /**
   * Killed or cut off power at random moments, with syncs, rolls, seals, spares, checkpoints and
   * trims.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
  void aPowerCutLosesNothingThatWasSynced(int tens) throws IOException {
    for (int seed = tens * 20; seed < tens * 20 + 20; seed++) {
      var random = new Random(seed);
      var disk = new FaultyLogDisk(random);
      var groups = new ArrayList<TestLog.Group>();
      long synced = 0;
      for (int life = 0; life < 4; life++) {
        synced = liveAndDie(disk, random, groups, synced, "seed=" + seed + " life=" + life);
      }
    }
  }

  /** Gives the synced LSN at the time of the crash; {@code groups} are all that were written. */
  private static long liveAndDie(
      FaultyLogDisk disk, Random random, List<TestLog.Group> groups, long synced, String where)
      throws IOException {
    var checkpoints = new CheckpointFiles(disk, TestLog.LOG);
    var newest = checkpoints.readNewest();
    var start = newest == null ? ReplayStart.BEGINNING : newest.replayStart();
    var starts = new ArrayList<Long>();
    FrameVisitor visitor =
        (frame, lsn, base) -> {
          if (frame instanceof Frame.GroupStart) {
            starts.add(lsn);
          }
        };
    var test = new TestLog(disk, random, TestLog.SMALL, start, visitor);
    long end = test.log.recovered().endLsn();
    assertThat(end).as(where).isGreaterThanOrEqualTo(synced);
    groups.removeIf(group -> group.endLsn() > end);
    assertThat(groups.isEmpty() ? 0 : groups.getLast().endLsn()).as(where).isEqualTo(end);
    assertThat(starts)
        .as(where)
        .isEqualTo(
            groups.stream().map(TestLog.Group::lsn).filter(lsn -> lsn >= start.lsn()).toList());
    if (!groups.isEmpty()) {
      test.endOffsets.putAll(groups.getLast().endOffsets());
    }
    test.commitLsn = end;
    int steps = random.nextInt(120);
    for (int i = 0; i < steps; i++) {
      step(test, random, checkpoints);
    }
    groups.addAll(test.groups);
    if (random.nextInt(3) > 0) {
      disk.crash();
    }
    return test.writer().syncedLsn();
  }

  private static void step(TestLog test, Random random, CheckpointFiles checkpoints)
      throws IOException {
    switch (random.nextInt(12)) {
      case 0, 1 -> test.sync();
      case 2 -> test.sealAll();
      case 3 -> test.log.upkeep();
      case 4 -> test.writer().rollNow();
      case 5 -> {
        if (test.writer().syncedLsn() == test.writer().endLsn()) {
          long lsn = test.writer().syncedLsn();
          checkpoints.write(new ReplayStart(lsn, lsn), sink -> {});
          test.log.segments().trimBefore(checkpoints.oldestKeptLsn());
        }
      }
      default -> test.appendRandom(4, 700);
    }
  }

  @Test
  void aMissingSegmentIsDamage() throws IOException {
    var random = new Random(1);
    var disk = new FaultyLogDisk(random);
    var test = new TestLog(disk, random);
    for (int i = 0; i < 100; i++) {
      test.appendRandom(2, 700);
      test.sync();
    }
    assertThat(test.log.segments().list()).hasSizeGreaterThan(2);
    disk.delete(test.log.segments().list().get(1).name());
    assertThatThrownBy(() -> new TestLog(disk, random)).isInstanceOf(Fault.Broken.class);
  }

  @Test
  void aLogThatEndsBeforeItsCheckpointIsDamaged() {
    var random = new Random(1);
    var disk = new FaultyLogDisk(random);
    var test = new TestLog(disk, random);
    fill(test, 4);
    long end = test.writer().endLsn();
    var start = new ReplayStart(end + 8, end + 8);
    assertThatThrownBy(
            () -> new TestLog(disk, random, TestLog.SMALL, start, (frame, lsn, base) -> {}))
        .isInstanceOf(Fault.Broken.class)
        .hasMessageContaining("commit");
  }

  @Test
  void theIndexIsTheSameAfterRecovery() throws IOException {
    var random = new Random(5);
    var disk = new FaultyLogDisk(random);
    var test = new TestLog(disk, random);
    for (int i = 0; i < 150; i++) {
      test.appendRandom(4, 500);
    }
    test.sync();
    test.sealAll();
    var again = new TestLog(disk, random);
    for (int ref = 0; ref < 4; ref++) {
      var read = new SegmentRead(ref, 0, test.endOffset(ref), 1 << 20, true);
      assertThat(ReadBytes.of(again.log.reads().fromFiles(read))).isEqualTo(test.expected(read));
    }
  }
}
