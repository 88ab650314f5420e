package io.tidelog.hot.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Fault;
import io.tidelog.hot.disk.FaultyLogDisk;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RawReadsTest {

  private final Random random = new Random(5);
  private final FaultyLogDisk disk = new FaultyLogDisk(random);
  private final TestLog test = new TestLog(disk, random);

  private RawReads reads() {
    return test.log.rawReads();
  }

  private void write(int segments) {
    while (test.log.segments().list().size() < segments) {
      test.appendRandom(3, 600);
    }
    test.appendRandom(3, 600);
  }

  private byte[] bytesAt(long lsn, int size) {
    for (var segment : test.log.segments().list()) {
      if (segment.baseLsn() <= lsn && lsn < segment.endLsn()) {
        int from = (int) (lsn - segment.baseLsn());
        return Arrays.copyOfRange(disk.contents(segment.name()), from, from + size);
      }
    }
    throw new AssertionError("no segment holds " + lsn);
  }

  private static byte[] copy(RawGroups groups) {
    var bytes = new byte[groups.bytes().remaining()];
    groups.bytes().duplicate().get(bytes);
    return bytes;
  }

  @Test
  void theWholeLogIsGivenGroupByGroupFromMemoryAndFromFiles() {
    write(4);
    long lsn = 0;
    int fromMemory = 0;
    int fromFiles = 0;
    while (lsn < test.writer().endLsn()) {
      int maxBytes = 1 + random.nextInt(8_000);
      var range = reads().fromMemory(lsn, maxBytes);
      fromMemory += range == null ? 0 : 1;
      fromFiles += range == null ? 1 : 0;
      range = range == null ? reads().fromFiles(lsn, maxBytes) : range;
      assertThat(range).isInstanceOf(RawRange.Groups.class);
      try (var held = (RawRange.Groups) range) {
        var groups = held.groups();
        assertThat(groups.lsn()).isEqualTo(lsn);
        assertThat(copy(groups)).isEqualTo(bytesAt(lsn, groups.bytes().remaining()));
        long endLsn = groups.endLsn();
        assertThat(test.groups).anyMatch(group -> group.endLsn() == endLsn);
        long first = lsn;
        long firstEnd =
            test.groups.stream().filter(g -> g.lsn() == first).findFirst().orElseThrow().endLsn();
        assertThat(groups.bytes().remaining() <= maxBytes || endLsn == firstEnd).isTrue();
        lsn = endLsn;
      }
    }
    assertThat(fromMemory).isPositive();
    assertThat(fromFiles).isPositive();
  }

  @Test
  void aRangeHoldsGroupsOfOneSegmentOnly() {
    write(3);
    for (var segment : test.log.segments().list()) {
      if (reads().fromFiles(segment.baseLsn(), 1 << 20) instanceof RawRange.Groups range) {
        assertThat(range.groups().segmentBaseLsn()).isEqualTo(segment.baseLsn());
        assertThat(range.groups().endLsn()).isEqualTo(segment.endLsn());
      }
    }
  }

  @Test
  void whatIsHeldOutlivesTheRing() {
    test.appendRandom(1, 500);
    long end = test.writer().endLsn();
    var range = reads().fromMemory(0, 1 << 20);
    assertThat(range).isInstanceOf(RawRange.Groups.class);
    write(3);
    assertThat(reads().fromMemory(0, 1 << 20)).isNull();
    var groups = ((RawRange.Groups) range).groups();
    assertThat(copy(groups)).isEqualTo(bytesAt(0, (int) end));
    ((RawRange.Groups) range).close();
    ((RawRange.Groups) range).close();
  }

  @Test
  void theEndTheTrimmedStartAndWhatIsNoGroupAreToldApart() throws IOException {
    write(3);
    long end = test.writer().endLsn();
    assertThat(reads().fromMemory(end, 100)).isInstanceOf(RawRange.AtEnd.class);
    assertThat(reads().fromFiles(end, 100)).isInstanceOf(RawRange.AtEnd.class);
    assertThat(failure(reads().fromMemory(end + 8, 100))).isInstanceOf(Fault.Refused.class);
    long last = test.groups.getLast().lsn();
    assertThat(failure(reads().fromMemory(last + 8, 100))).isInstanceOf(Fault.Refused.class);
    assertThat(failure(reads().fromFiles(8, 100))).isInstanceOf(Fault.Broken.class);
    test.sync();
    test.sealAll();
    long second = test.log.segments().list().get(1).baseLsn();
    test.log.segments().trimBefore(second);
    assertThat(reads().fromMemory(0, 100)).isEqualTo(new RawRange.Trimmed(second));
    assertThat(reads().fromFiles(0, 100)).isEqualTo(new RawRange.Trimmed(second));
    test.log.close();
    assertThat(failure(reads().fromFiles(second, 100))).isInstanceOf(Fault.Retriable.class);
  }

  private static Fault failure(RawRange range) {
    assertThat(range).isInstanceOf(RawRange.Failed.class);
    return ((RawRange.Failed) range).fault();
  }

  @Test
  void damageInAFileIsNeverSent() {
    write(3);
    test.sync();
    var first = test.log.segments().list().getFirst();
    var contents = disk.contents(first.name());
    long damaged = test.groups.get(1).lsn();
    contents[(int) damaged + 70] ^= 1;
    disk.replace(first.name(), contents);
    // Recovery reads nothing before a checkpoint but the first frame of each segment.
    long base = test.log.segments().active().baseLsn();
    var checkpoint = new ReplayStart(base, base);
    var again = new TestLog(disk.copy(random), random, TestLog.SMALL, checkpoint, (f, l, b) -> {});
    assertThat(failure(again.log.rawReads().fromFiles(damaged, 100)))
        .isInstanceOf(Fault.Broken.class);
  }
}
