package io.tidelog.hot.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.hot.disk.FaultyLogDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SpareSegmentsTest {

  @Test
  void theOldNameOfARecycledFileNeverComesBackWithNewBytes() throws IOException {
    for (int seed = 0; seed < 100; seed++) {
      var disk = new FaultyLogDisk(new Random(seed));
      var old = ByteBuffer.wrap(new byte[] {1, 2, 3});
      try (var file = disk.create("old")) {
        file.write(old, 0);
        file.sync();
      }
      disk.syncDirectory();
      var spares = new SpareSegments(disk, TestLog.SMALL);
      spares.recycle("old");
      try (var file = spares.take("new")) {
        assertThat(file.size()).isEqualTo(TestLog.SMALL.segmentBytes());
        file.write(ByteBuffer.wrap(new byte[] {9}), 0);
        file.sync();
      }
      disk.crash();
      assertThat(disk.list()).as("seed=" + seed).doesNotContain("old");
    }
  }

  @Test
  void noSpareIsWrittenAheadWhileSyncsAreLargeAndARecycledFileIsStillASpare() throws IOException {
    var disk = new FaultyLogDisk(new Random(1));
    var spares = new SpareSegments(disk, TestLog.SMALL);
    int small = TestLog.SMALL.spareSyncBytes();
    spares.onSealed(10L * small + 1, 10);
    assertThat(spares.prepare()).isTrue();
    assertThat(disk.list()).isEmpty();
    disk.create("old").close();
    spares.recycle("old");
    assertThat(spares.isWanted()).isFalse();
    spares.take("new").close();
    spares.onSealed(10L * small, 10);
    assertThat(spares.prepare()).isTrue();
    assertThat(spares.isWanted()).isFalse();
  }

  @Test
  void noSpareIsWrittenWhenTheDiskIsNearlyFull() throws IOException {
    var disk = new FaultyLogDisk(new Random(1));
    var spares = new SpareSegments(disk, TestLog.SMALL);
    disk.setCapacity(2L * TestLog.SMALL.segmentBytes());
    assertThat(spares.prepare()).isFalse();
    assertThat(spares.isWanted()).isTrue();
    assertThat(spares.take("new")).isNull();
    disk.setCapacity(Long.MAX_VALUE);
    assertThat(spares.prepare()).isTrue();
    assertThat(spares.isWanted()).isFalse();
  }
}
