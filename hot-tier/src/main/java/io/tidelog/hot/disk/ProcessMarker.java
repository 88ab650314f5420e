package io.tidelog.hot.disk;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tells how the process that used a log folder before has ended. The kernel's boot id in the marker
 * tells a process that was killed, whose writes the page cache still has, from a machine that lost
 * its power.
 */
public final class ProcessMarker {

  /** The file that holds it, as {@code disk.properties} does. */
  public static final String FILE = "process.properties";

  private static final String BOOT_ID = "boot.id";
  private static final String STATE = "state";
  private static final String RUNNING = "running";
  private static final String CLEAN = "clean";

  private ProcessMarker() {}

  /** How the process before has ended. */
  public enum LastEnd {
    /** Everything was synced, or there was none. */
    CLEAN,
    /** It died, and the machine runs on: what it wrote is there, synced or not. */
    KILLED,
    /** The machine stopped, or nobody knows: what was not synced may be lost. */
    POWER_LOST
  }

  /**
   * A folder taken into use.
   *
   * @param identity whose it is, perhaps with a new disk id
   */
  public record Opened(DiskIdentity identity, LastEnd lastEnd) {}

  /**
   * Takes a folder into use: looks how the process before has ended, gives the disk a new id when
   * acknowledged bytes may be missing because of it, and marks the folder as in use. Blocking;
   * before the log is recovered.
   *
   * @param fresh as for {@link DiskIdentity#claim}; its disk id, never used before, is also the one
   *     that a disk gets which may have lost something
   * @param bootId the kernel's, another one after each start of the machine
   * @param isSynced whether what was acknowledged was synced before ({@code fsync} durability)
   */
  public static Opened open(LogDisk disk, DiskIdentity fresh, String bootId, boolean isSynced)
      throws IOException {
    var lastEnd = lastEnd(disk, bootId);
    var identity = DiskIdentity.claim(disk, fresh);
    if (lastEnd == LastEnd.POWER_LOST && !isSynced) {
      // Durable before the marker says otherwise: a crash in between finds the same again.
      identity = identity.renewed(disk, fresh.diskId());
    }
    write(disk, bootId, RUNNING);
    return new Opened(identity, lastEnd);
  }

  /** How the process before has ended; changes nothing. */
  public static LastEnd lastEnd(LogDisk disk, String bootId) throws IOException {
    if (!disk.list().contains(FILE)) {
      boolean isNew =
          disk.list().stream().noneMatch(n -> n.endsWith(".seg") || n.endsWith(".ckpt"));
      return isNew ? LastEnd.CLEAN : LastEnd.POWER_LOST;
    }
    var values = CheckedProperties.read(disk, FILE);
    if (values == null) {
      return LastEnd.POWER_LOST;
    }
    if (CLEAN.equals(values.get(STATE))) {
      return LastEnd.CLEAN;
    }
    return bootId.equals(values.get(BOOT_ID)) ? LastEnd.KILLED : LastEnd.POWER_LOST;
  }

  /** Marks an orderly end, after everything was synced and the log closed. Blocking. */
  public static void end(LogDisk disk, String bootId) throws IOException {
    write(disk, bootId, CLEAN);
  }

  private static void write(LogDisk disk, String bootId, String state) throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    values.put(BOOT_ID, bootId);
    values.put(STATE, state);
    CheckedProperties.write(disk, FILE, values);
  }
}
