package io.tidelog.hot.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.hot.disk.ProcessMarker.LastEnd;
import java.io.IOException;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessMarkerTest {

  private static final boolean SYNCED = true;
  private final FaultyLogDisk disk = new FaultyLogDisk(new Random(1));
  private final DiskIdentity fresh =
      new DiskIdentity("cluster", new LogId(new UUID(1, 2)), new UUID(3, 4));

  private long drawn = 4;

  /** As each start does: with an identity whose disk id was never used. */
  private ProcessMarker.Opened open(String bootId, boolean isSynced) throws IOException {
    return ProcessMarker.open(disk, drawn(), bootId, isSynced);
  }

  private DiskIdentity drawn() {
    return new DiskIdentity("cluster", fresh.log(), new UUID(3, drawn++));
  }

  @Test
  void aNewFolderWasLeftCleanly() throws IOException {
    assertThat(open("boot-1", !SYNCED)).isEqualTo(new ProcessMarker.Opened(fresh, LastEnd.CLEAN));
  }

  @Test
  void aKilledProcessLeavesThePageCacheAndAStoppedMachineDoesNot() throws IOException {
    open("boot-1", !SYNCED);
    assertThat(open("boot-1", !SYNCED).lastEnd()).isEqualTo(LastEnd.KILLED);
    assertThat(open("boot-1", !SYNCED).identity()).isEqualTo(fresh);
    var afterPowerLoss = open("boot-2", !SYNCED);
    assertThat(afterPowerLoss.lastEnd()).isEqualTo(LastEnd.POWER_LOST);
    assertThat(afterPowerLoss.identity().diskId()).isNotEqualTo(fresh.diskId());
    assertThat(afterPowerLoss.identity().log()).isEqualTo(fresh.log());
    var again = open("boot-2", !SYNCED);
    assertThat(again.lastEnd()).isEqualTo(LastEnd.KILLED);
    assertThat(again.identity()).isEqualTo(afterPowerLoss.identity());
  }

  @Test
  void whatWasSyncedBeforeItWasAcknowledgedKeepsItsDiskId() throws IOException {
    open("boot-1", SYNCED);
    var opened = open("boot-2", SYNCED);
    assertThat(opened).isEqualTo(new ProcessMarker.Opened(fresh, LastEnd.POWER_LOST));
  }

  @Test
  void afterAnOrderlyEndThePowerMayGo() throws IOException {
    open("boot-1", !SYNCED);
    ProcessMarker.end(disk, "boot-1");
    disk.crash();
    assertThat(open("boot-2", !SYNCED)).isEqualTo(new ProcessMarker.Opened(fresh, LastEnd.CLEAN));
    assertThat(open("boot-3", !SYNCED).lastEnd()).isEqualTo(LastEnd.POWER_LOST);
  }

  @Test
  void aLogWithoutMarkerOrWithADamagedOneMayHaveLostSomething() throws IOException {
    fresh.write(disk);
    disk.create("00000000000000000000.seg").close();
    assertThat(ProcessMarker.lastEnd(disk, "boot-1")).isEqualTo(LastEnd.POWER_LOST);
    open("boot-1", SYNCED);
    var marker = disk.contents(ProcessMarker.FILE);
    marker[3] ^= 1;
    disk.replace(ProcessMarker.FILE, marker);
    assertThat(ProcessMarker.lastEnd(disk, "boot-1")).isEqualTo(LastEnd.POWER_LOST);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aCrashAtAnyStepNeverKeepsTheDiskIdOfALossyDisk(long seed) throws IOException {
    var random = new Random(seed);
    open("boot-1", !SYNCED);
    boolean isThrough = false;
    for (int changes = 0; !isThrough; changes++) {
      var crashing = disk.copy(random);
      var stopping = new StoppingDisk(crashing, changes);
      try {
        ProcessMarker.open(stopping, drawn(), "boot-2", !SYNCED);
      } catch (IOException e) {
        assertThat(stopping.isAlive()).isFalse();
      }
      isThrough = stopping.isAlive();
      crashing.crash();
      var opened = ProcessMarker.open(crashing, drawn(), "boot-3", !SYNCED);
      assertThat(opened.identity().diskId())
          .as("seed %d after %d changes", seed, changes)
          .isNotEqualTo(fresh.diskId());
    }
  }

  @Test
  void theKernelsBootIdStaysTheSame() throws IOException {
    assertThat(KernelBootId.read()).isNotBlank().isEqualTo(KernelBootId.read());
  }
}
