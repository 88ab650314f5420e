package io.tidelog.hot.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.hot.disk.FaultyLogDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CheckpointFilesTest {

  private final FaultyLogDisk disk = new FaultyLogDisk(new Random(1));
  private final CheckpointFiles files = new CheckpointFiles(disk, TestLog.LOG);

  private void write(long lsn, int value) throws IOException {
    files.write(
        new ReplayStart(lsn, lsn + 8),
        sink -> {
          sink.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
          sink.write(ByteBuffer.wrap(new byte[] {(byte) value}));
        });
  }

  @Test
  void theNewestIsReadAndTwoAreKept() throws IOException {
    assertThat(files.readNewest()).isNull();
    assertThat(files.oldestKeptLsn()).isZero();
    for (int i = 1; i <= 4; i++) {
      write(i * 800L, i);
    }
    disk.crash();
    var newest = files.readNewest();
    assertThat(newest.lsn()).isEqualTo(3200);
    assertThat(newest.commitLsn()).isEqualTo(3208);
    assertThat(newest.content()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
    assertThat(files.oldestKeptLsn()).isEqualTo(2400);
  }

  @Test
  void theOneBeforeServesWhenTheNewestIsDamagedAnywhere() throws IOException {
    write(800, 1);
    write(1600, 2);
    var name = "00000000000000001600.ckpt";
    byte[] sound = disk.contents(name);
    for (int i = 0; i < sound.length; i++) {
      byte[] flipped = sound.clone();
      flipped[i] ^= 1;
      disk.replace(name, flipped);
      assertThat(files.readNewest().lsn()).as("at=" + i).isEqualTo(800);
    }
    for (int size = 0; size < sound.length; size++) {
      disk.replace(name, Arrays.copyOf(sound, size));
      assertThat(files.readNewest().lsn()).as("size=" + size).isEqualTo(800);
    }
  }

  @Test
  void withoutASoundOneTheLogIsBroken() throws IOException {
    write(800, 1);
    disk.replace("00000000000000000800.ckpt", new byte[10]);
    assertThatThrownBy(files::readNewest).isInstanceOf(Fault.Broken.class);
  }

  @Test
  void withoutASoundOneALogThatIsWholeIsReplayedFromItsBeginning() throws IOException {
    write(800, 1);
    disk.replace("00000000000000000800.ckpt", new byte[10]);
    disk.replace("00000000000000000000.seg", new byte[0]);
    assertThat(files.readNewest()).isNull();
    assertThat(files.deleteUnsound(0)).containsExactly("00000000000000000800.ckpt");
    assertThat(disk.list()).containsExactly("00000000000000000000.seg");
  }

  @Test
  void aFailedWriteLeavesWhatWasThere() throws IOException {
    write(800, 1);
    disk.failNextSync();
    assertThatThrownBy(() -> write(1600, 2)).isInstanceOf(IOException.class);
    assertThat(files.readNewest().lsn()).isEqualTo(800);
    assertThat(disk.list()).containsExactly("00000000000000000800.ckpt");
  }
}
