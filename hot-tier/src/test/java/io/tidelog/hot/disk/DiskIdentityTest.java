package io.tidelog.hot.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import java.io.IOException;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DiskIdentityTest {

  private final FaultyLogDisk disk = new FaultyLogDisk(new Random(1));
  private final LogId log = new LogId(new UUID(1, 2));
  private final DiskIdentity identity = new DiskIdentity("cluster=x", log, new UUID(3, 4));

  @Test
  void itIsReadAsItWasWritten() throws IOException {
    assertThat(DiskIdentity.isPresent(disk)).isFalse();
    identity.write(disk);
    disk.crash();
    assertThat(DiskIdentity.read(disk)).isEqualTo(identity);
    identity.requireOrThrow(disk, "cluster=x", log);
  }

  @Test
  void aForeignFolderIsRefused() {
    assertThatThrownBy(() -> identity.requireOrThrow(disk, "other", log))
        .isInstanceOf(Fault.Broken.class);
    assertThatThrownBy(() -> identity.requireOrThrow(disk, "cluster=x", new LogId(new UUID(9, 9))))
        .isInstanceOf(Fault.Broken.class);
  }

  @Test
  void anEmptyFolderIsClaimedOnceAndKeepsItsDiskId() throws IOException {
    assertThat(DiskIdentity.claim(disk, identity)).isEqualTo(identity);
    disk.crash();
    var restarted = new DiskIdentity("cluster=x", log, new UUID(8, 8));
    assertThat(DiskIdentity.claim(disk, restarted)).isEqualTo(identity);
    var foreign = new DiskIdentity("other", log, new UUID(8, 8));
    assertThatThrownBy(() -> DiskIdentity.claim(disk, foreign)).isInstanceOf(Fault.Broken.class);
  }

  @Test
  void aLogWithoutIdentityIsNotClaimed() throws IOException {
    disk.create("00000000000000000000.seg").close();
    assertThatThrownBy(() -> DiskIdentity.claim(disk, identity)).isInstanceOf(Fault.Broken.class);
  }

  @Test
  void everyFlippedByteIsNoticed() throws IOException {
    identity.write(disk);
    byte[] sound = disk.contents(DiskIdentity.FILE);
    for (int i = 0; i < sound.length - 1; i++) {
      byte[] flipped = sound.clone();
      flipped[i] ^= 1;
      disk.replace(DiskIdentity.FILE, flipped);
      assertThatThrownBy(() -> DiskIdentity.read(disk)).isInstanceOf(Fault.Broken.class);
    }
  }
}
