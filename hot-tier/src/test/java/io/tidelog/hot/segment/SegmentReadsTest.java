package io.tidelog.hot.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.hot.disk.FaultyLogDisk;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentReadsTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void everyReadGivesWhatWasWritten(long seed) throws IOException {
    var random = new Random(seed);
    var test = new TestLog(new FaultyLogDisk(random), random);
    int fromMemory = 0;
    for (int i = 0; i < 300; i++) {
      test.appendRandom(6, 400);
      if (random.nextInt(10) == 0) {
        test.sync();
        test.sealAll();
        test.log.upkeep();
      }
      for (int j = 0; j < 4; j++) {
        fromMemory += check(test, randomRead(test));
      }
    }
    assertThat(test.log.segments().list()).as("seed=" + seed).hasSizeGreaterThan(3);
    assertThat(fromMemory).as("seed=" + seed).isPositive();
  }

  private static SegmentRead randomRead(TestLog test) {
    var random = test.random;
    int ref = random.nextInt(6);
    long end = test.endOffset(ref);
    long start = end - (long) (end * Math.pow(random.nextDouble(), 3));
    long limit = random.nextBoolean() ? end : start + random.nextInt((int) (end - start + 1));
    return new SegmentRead(ref, start, limit, random.nextInt(8_000), random.nextBoolean());
  }

  private static int check(TestLog test, SegmentRead read) throws IOException {
    byte[] expected = test.expected(read);
    var cached = test.log.reads().fromCache(read);
    if (cached != null) {
      assertThat(ReadBytes.of(cached)).as("%s", read).isEqualTo(expected);
    }
    assertThat(ReadBytes.of(test.log.reads().fromFiles(read))).as("%s", read).isEqualTo(expected);
    assertThat(test.log.reads().fromCache(read)).as("read a moment ago").isNotNull();
    var found = test.log.reads().fromMemory(read);
    if (found == null) {
      return 0;
    }
    byte[] bytes = ReadBytes.of(found);
    assertThat(bytes).as("%s", read).isEqualTo(Arrays.copyOf(expected, bytes.length));
    assertThat(bytes.length > 0 || expected.length == 0).isTrue();
    return bytes.length > 0 ? 1 : 0;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aSearchByTimeFindsTheFirstBatchAtOrAfterIt(long seed) throws IOException {
    var random = new Random(seed);
    var test = new TestLog(new FaultyLogDisk(random), random);
    for (int i = 0; i < 200; i++) {
      test.appendRandom(3, 300);
      if (random.nextInt(10) == 0) {
        test.sync();
        test.sealAll();
      }
    }
    for (int i = 0; i < 300; i++) {
      int ref = random.nextInt(3);
      long end = test.endOffset(ref);
      long start = random.nextInt((int) end);
      long timestampMs = 990_000L + random.nextInt((int) (test.nowMs - 985_000));
      var read = new SegmentRead(ref, start, end, 0, true);
      var expected =
          test.of(ref).stream()
              .filter(b -> b.endOffset() > start && b.maxTimestampMs() >= timestampMs)
              .findFirst();
      byte[] found = ReadBytes.of(test.log.reads().firstAtOrAfter(read, timestampMs));
      assertThat(found)
          .as("seed=" + seed)
          .isEqualTo(expected.map(TestLog.Batch::bytes).orElse(new byte[0]));
    }
  }

  @Test
  void aLargeFrameIsLeftInItsFile() throws IOException {
    var random = new Random(1);
    var config = new SegmentConfig(1 << 20, 60_000, 8 << 10, 4 << 10, 0, 0, 0, 0, 0);
    var test =
        new TestLog(
            new FaultyLogDisk(random), random, config, ReplayStart.BEGINNING, (f, l, b) -> {});
    for (int i = 0; i < 10; i++) {
      test.appendRandom(1, 200_000);
    }
    var read = new SegmentRead(0, 0, test.endOffset(0), 1 << 20, true);
    try (var bytes = test.log.reads().fromFiles(read)) {
      assertThat(bytes.parts()).hasAtLeastOneElementOfType(RecordBytes.FilePart.class);
      assertThat(bytes.sizeBytes()).isEqualTo(test.expected(read).length);
    }
    assertThat(ReadBytes.of(test.log.reads().fromFiles(read))).isEqualTo(test.expected(read));
  }

  @Test
  void whatWasTrimmedIsRefusedAndWhatIsBeingReadStays() throws IOException {
    var random = new Random(1);
    var config = new SegmentConfig(512 << 10, 60_000, 8 << 10, 4 << 10, 0, 1, 0, 0, 0);
    var disk = new FaultyLogDisk(random);
    var test = new TestLog(disk, random, config, ReplayStart.BEGINNING, (f, l, b) -> {});
    for (int i = 0; i < 20; i++) {
      test.appendRandom(1, 150_000);
    }
    test.sync();
    test.sealAll();
    var read = new SegmentRead(0, 0, test.endOffset(0), 300_000, true);
    var held = test.log.reads().fromFiles(read);
    long active = test.log.segments().active().baseLsn();
    assertThat(test.log.segments().trimBefore(active)).isEqualTo(active);
    assertThat(disk.list()).doesNotContain("00000000000000000000.seg");
    assertThat(ReadBytes.of(held)).isEqualTo(test.expected(read));
    assertThat(disk.list()).noneMatch(name -> name.endsWith(".trimmed"));
    assertThat(disk.list()).filteredOn(name -> name.startsWith("spare-")).hasSize(1);
    assertThatThrownBy(() -> test.log.reads().fromFiles(read)).isInstanceOf(Fault.Retriable.class);
    assertThatThrownBy(() -> test.log.reads().firstAtOrAfter(read, 0))
        .as("a later batch is no answer")
        .isInstanceOf(Fault.Retriable.class);
  }
}
