package io.tidelog.hot.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.hot.disk.FaultyLogDisk;
import io.tidelog.hot.disk.StoppingDisk;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogTruncationTest {

  private final Random random = new Random(7);
  private final FaultyLogDisk disk = new FaultyLogDisk(random);
  private TestLog test;

  /** A log of three segments and a bit, synced; committed up to somewhere in the first one. */
  private void write() throws IOException {
    test = new TestLog(disk, random);
    for (int i = 0; i < 4; i++) {
      test.appendRandom(3, 500);
    }
    test.sync();
    test.appendRandom(3, 500);
    long committed = test.commitLsn;
    while (test.log.segments().list().size() < 4) {
      test.appendRandom(3, 600);
    }
    test.appendRandom(3, 600);
    test.sync();
    test.commitLsn = committed;
    test.sealAll();
    test.log.close();
  }

  private static long baseOf(FaultyLogDisk disk, long lsn) {
    return SegmentNames.lsns(disk.list(), SegmentNames.SEGMENT).stream()
        .filter(base -> base < lsn || base == 0)
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  private static void cut(FaultyLogDisk disk, long endLsn, long segmentBaseLsn) throws IOException {
    LogTruncation.truncate(disk, TestLog.LOG, new LogTruncation.Cut(endLsn, segmentBaseLsn));
  }

  private static long recoveredEnd(FaultyLogDisk disk) {
    return new TestLog(disk, new Random(1)).log.recovered().endLsn();
  }

  @Test
  void theLogEndsWhereItWasCutAndIsWhatItWasBefore() throws IOException {
    write();
    for (var group : test.groups) {
      var copy = disk.copy(random);
      if (group.endLsn() < test.commitLsn) {
        long end = group.endLsn();
        assertThatThrownBy(() -> cut(copy, end, 0))
            .isInstanceOf(Fault.Broken.class)
            .hasMessageContaining("committed");
        continue;
      }
      cut(copy, group.endLsn(), baseOf(copy, group.endLsn()));
      copy.crash();
      assertThat(recoveredEnd(copy)).isEqualTo(group.endLsn());
      for (long base : SegmentNames.lsns(copy.list(), SegmentNames.SEGMENT)) {
        var name = SegmentNames.of(base, SegmentNames.SEGMENT);
        var kept = copy.contents(name);
        assertThat(kept).isEqualTo(Arrays.copyOf(disk.contents(name), kept.length));
      }
    }
  }

  @Test
  void whatTheLeaderBeginsElsewhereIsRefused() throws IOException {
    write();
    var group = test.groups.get(test.groups.size() - 2);
    assertThatThrownBy(() -> cut(disk, group.endLsn(), 8)).hasMessageContaining("segment");
    assertThatThrownBy(() -> cut(disk, group.endLsn() - 8, 8)).hasMessageContaining("ends there");
    assertThatThrownBy(() -> cut(disk, 1L << 40, 0)).hasMessageContaining("ends there");
    cut(disk, group.endLsn(), group.endLsn());
    assertThat(recoveredEnd(disk)).isEqualTo(group.endLsn());
  }

  @Test
  void aSegmentThatBeginsAtTheCutGoesSoThatTheOneBeforeGoesOn() throws IOException {
    write();
    long base = SegmentNames.lsns(disk.list(), SegmentNames.SEGMENT).get(2);
    cut(disk, base, baseOf(disk, base));
    var again = new TestLog(disk, random);
    assertThat(again.log.recovered().endLsn()).isEqualTo(base);
    assertThat(again.writer().mayFollow(baseOf(disk, base))).isTrue();
    assertThat(disk.list()).doesNotContain(SegmentNames.of(base, SegmentNames.SEGMENT));
  }

  @Test
  void nothingBelowACheckpointIsCut() throws IOException {
    write();
    long lsn = test.groups.get(test.groups.size() - 3).lsn();
    new CheckpointFiles(disk, TestLog.LOG).write(new ReplayStart(lsn, lsn), sink -> {});
    long before = test.groups.get(test.groups.size() - 4).lsn();
    assertThatThrownBy(() -> cut(disk, before, baseOf(disk, before)))
        .isInstanceOf(Fault.Broken.class)
        .hasMessageContaining("committed");
    cut(disk, lsn, baseOf(disk, lsn));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void aCrashAtAnyStepLeavesAPrefixThatReachesTheCut(long seed) throws IOException {
    write();
    var order = new Random(seed);
    var group =
        test.groups.stream()
            .filter(g -> g.endLsn() >= test.commitLsn)
            .skip(order.nextInt(20))
            .findFirst()
            .orElseThrow();
    boolean isThrough = false;
    for (int changes = 0; !isThrough; changes++) {
      var crashing = disk.copy(order);
      var stopping = new StoppingDisk(crashing, changes);
      var cut = new LogTruncation.Cut(group.endLsn(), baseOf(crashing, group.endLsn()));
      try {
        LogTruncation.truncate(stopping, TestLog.LOG, cut);
      } catch (IOException e) {
        assertThat(stopping.isAlive()).isFalse();
      }
      isThrough = stopping.isAlive();
      crashing.crash();
      long end = recoveredEnd(crashing.copy(order));
      assertThat(end).as("seed %d", seed).isGreaterThanOrEqualTo(group.endLsn());
      assertThat(test.groups).anyMatch(g -> g.endLsn() == end);
      cut(crashing, group.endLsn(), baseOf(crashing, group.endLsn()));
      assertThat(recoveredEnd(crashing)).as("seed %d", seed).isEqualTo(group.endLsn());
    }
  }
}
