package io.tidelog.hot.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.OffsetRange;
import io.tidelog.core.PartitionId;
import io.tidelog.hot.disk.FaultyLogDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SegmentIndexTest {

  private static final String INDEX = "00000000000000000000.idx";

  private final Random random = new Random(1);
  private final FaultyLogDisk disk = new FaultyLogDisk(random);

  private ActiveIndex filled(int partitions, int frames) {
    var index = new ActiveIndex();
    long[] next = new long[partitions];
    for (int i = 0; i < frames; i++) {
      int position = i * 100;
      index.addStamp(position, 1 + i / 1000, 5_000 + i / 10);
      int ref = random.nextInt(partitions);
      int records = 1 + random.nextInt(3);
      index.add(
          new IndexEntry(
              ref * 7, next[ref], next[ref] + records, random.nextInt(100), position + 48, 52));
      next[ref] += records;
    }
    return index;
  }

  @Test
  void aSealedIndexSaysWhatTheActiveOneSaid() throws IOException {
    var active = filled(1_000, 20_000);
    new IndexFileWriter(disk, TestLog.LOG).write(0, 2_000_000, active);
    try (var sealed = SealedIndex.open(disk, TestLog.LOG, 0, 2_000_000)) {
      assertThat(sealed).isNotNull();
      assertThat(sealed.partitionRefs()).isEqualTo(active.partitionRefs()).hasSize(1_000);
      for (int ref : active.partitionRefs()) {
        assertSame(sealed.run(ref), active.run(ref));
      }
      for (int i = 0; i < 20_000; i += 37) {
        assertThat(sealed.stampAt(i * 100 + 48)).isEqualTo(active.stampAt(i * 100 + 48));
        assertThat(sealed.stampAt(i * 100 + 48))
            .isEqualTo(new SegmentIndex.AppendStamp(1 + i / 1000, 5_000 + i / 10));
      }
      assertThat(sealed.run(1)).isNull();
      assertThat(active.run(1)).isNull();
      assertThat(sealed.run(-1)).isNull();
    }
  }

  private static void assertSame(IndexRun sealed, IndexRun active) {
    assertThat(sealed.count()).isEqualTo(active.count());
    assertThat(sealed.partitionRef()).isEqualTo(active.partitionRef());
    assertThat(sealed.maxTimestampMs()).isEqualTo(active.maxTimestampMs());
    for (int i = 0; i < active.count(); i++) {
      assertThat(sealed.baseOffset(i)).isEqualTo(active.baseOffset(i));
      assertThat(sealed.endOffset(i)).isEqualTo(active.endOffset(i));
      assertThat(sealed.position(i)).isEqualTo(active.position(i));
      assertThat(sealed.sizeBytes(i)).isEqualTo(active.sizeBytes(i));
      assertThat(sealed.maxTimestampMs(i)).isEqualTo(active.maxTimestampMs(i));
      assertThat(active.firstEndingAfter(active.baseOffset(i))).isEqualTo(i);
      assertThat(sealed.firstEndingAfter(active.endOffset(i) - 1)).isEqualTo(i);
      assertThat(sealed.firstEndingAfter(active.endOffset(i))).isEqualTo(i + 1);
    }
  }

  @Test
  void aDamagedIndexIsNotUsed() throws IOException {
    new IndexFileWriter(disk, TestLog.LOG).write(0, 2_000, filled(3, 20));
    byte[] sound = disk.contents(INDEX);
    for (int i = 0; i < sound.length; i++) {
      byte[] flipped = sound.clone();
      flipped[i] ^= 4;
      disk.replace(INDEX, flipped);
      assertThat(SealedIndex.open(disk, TestLog.LOG, 0, 2_000)).as("at=" + i).isNull();
    }
    disk.replace(INDEX, sound);
    assertThat(SealedIndex.open(disk, TestLog.LOG, 0, 2_008)).isNull();
    assertThat(SealedIndex.open(disk, TestLog.LOG, 0, 2_000)).isNotNull();
  }

  @Test
  void aMissingOrDamagedIndexIsRebuiltFromItsSegment() throws IOException {
    var test = new TestLog(disk, random);
    while (test.log.segments().list().size() < 3) {
      test.appendRandom(3, 500);
    }
    test.sync();
    test.sealAll();
    byte[] sound = disk.contents(INDEX);
    byte[] damaged = sound.clone();
    damaged[100] ^= 1;
    disk.replace(INDEX, damaged);
    var again = new TestLog(disk, random);
    var read = new SegmentRead(1, 0, test.endOffset(1), 1 << 20, true);
    assertThat(ReadBytes.of(again.log.reads().fromFiles(read))).isEqualTo(test.expected(read));
    assertThat(disk.contents(INDEX)).isEqualTo(sound);
  }

  @Test
  void theRunsOfASealedSegmentAreWhatWasAppended() throws IOException {
    var test = new TestLog(disk, random);
    while (test.log.segments().list().size() < 2) {
      test.appendRandom(3, 500);
    }
    test.sync();
    test.sealAll();
    var segment =
        test.log.openSealed(
            0,
            9,
            ref ->
                ref == 2
                    ? null
                    : new SegmentRuns.Wanted(
                        new PartitionId(new UUID(0, 5 - ref), ref),
                        (offset, term) -> 10 + (int) term));
    try (segment) {
      assertThat(segment.runs()).hasSize(2);
      assertThat(segment.runs().get(0).partition().partition()).isEqualTo(1);
      for (var run : segment.runs()) {
        long next = 0;
        var bytes = ByteBuffer.allocate((int) run.sizeBytes());
        for (var extent : run.extents()) {
          assertThat(extent.offsets().start()).isEqualTo(next);
          assertThat(extent.leaderEpoch()).isEqualTo(11);
          next = extent.offsets().end();
          bytes.limit(bytes.position() + extent.sizeBytes());
          segment.channel().read(bytes, extent.position());
        }
        assertThat(run.offsets()).isEqualTo(new OffsetRange(0, next));
        var read = new SegmentRead(run.partition().partition(), 0, next, Integer.MAX_VALUE, true);
        assertThat(bytes.array()).isEqualTo(test.expected(read));
      }
    }
  }
}
