package io.tidelog.hot.disk;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Whose folder it is: written once, before the first frame, and compared at every start, so that a
 * wiped or foreign disk never passes for the one that was there.
 *
 * @param diskId drawn when the folder is set up; a folder that was wiped gets another one
 */
public record DiskIdentity(String clusterId, LogId log, UUID diskId) {

  /** The file that holds it: text, {@code key=value} lines, the last one a CRC-32C of the rest. */
  public static final String FILE = "disk.properties";

  public DiskIdentity {
    if (clusterId.chars().anyMatch(c -> c < ' ')) {
      throw new IllegalArgumentException("a cluster id with control characters");
    }
  }

  /**
   * Makes sure that the folder is this log's, and gives it {@code fresh} if it is empty.
   *
   * @param fresh cluster and log that the folder must be of, and the disk id for a new one
   * @return the identity the folder has now, with the disk id it had
   * @throws Fault.Broken when it belongs to another cluster or log, or holds a log without identity
   */
  public static DiskIdentity claim(LogDisk disk, DiskIdentity fresh) throws IOException {
    if (isPresent(disk)) {
      var present = read(disk);
      present.requireOrThrow(disk, fresh.clusterId(), fresh.log());
      return present;
    }
    if (disk.list().stream().anyMatch(name -> name.endsWith(".seg") || name.endsWith(".ckpt"))) {
      throw broken(disk, "is missing beside a log");
    }
    fresh.write(disk);
    return fresh;
  }

  /** Whether the folder has an identity. */
  public static boolean isPresent(LogDisk disk) throws IOException {
    return disk.list().contains(FILE);
  }

  /**
   * Reads the identity of a folder.
   *
   * @throws Fault.Broken when it is missing or damaged
   */
  public static DiskIdentity read(LogDisk disk) throws IOException {
    if (!isPresent(disk)) {
      throw broken(disk, "is missing");
    }
    var values = CheckedProperties.read(disk, FILE);
    if (values == null) {
      throw broken(disk, "is damaged: its checksum does not match");
    }
    try {
      return new DiskIdentity(
          value(values, "cluster.id"),
          new LogId(UUID.fromString(value(values, "log.id"))),
          UUID.fromString(value(values, "disk.id")));
    } catch (IllegalArgumentException e) {
      throw broken(disk, "is not understood: " + e.getMessage());
    }
  }

  private static String value(Map<String, String> values, String key) {
    var value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key);
    }
    return value;
  }

  private static Fault.Broken broken(LogDisk disk, String what) {
    return new Fault.Broken(FILE + " " + what + ", folder=" + disk.describe());
  }

  /** Gives the folder this identity, durably; it must have none. */
  public void write(LogDisk disk) throws IOException {
    if (isPresent(disk)) {
      throw broken(disk, "exists already");
    }
    replace(disk);
  }

  /**
   * Gives the folder another disk id, durably: what was acknowledged under the old one may be
   * missing, and it must not pass for the copy that was there.
   */
  public DiskIdentity renewed(LogDisk disk, UUID newDiskId) throws IOException {
    var renewed = new DiskIdentity(clusterId, log, newDiskId);
    renewed.replace(disk);
    return renewed;
  }

  private void replace(LogDisk disk) throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("cluster.id", clusterId);
    values.put("log.id", log.toString());
    values.put("disk.id", diskId.toString());
    values.put("version", "1");
    CheckedProperties.write(disk, FILE, values);
  }

  /**
   * Makes sure that the folder belongs to the cluster and the log.
   *
   * @throws Fault.Broken when it is another one's
   */
  public void requireOrThrow(LogDisk disk, String expectedClusterId, LogId expectedLog) {
    if (!clusterId.equals(expectedClusterId)) {
      throw broken(
          disk, "is of cluster " + clusterId + ", this process is of " + expectedClusterId);
    }
    if (!log.equals(expectedLog)) {
      throw broken(disk, "is of log " + log + ", expected was " + expectedLog);
    }
  }
}
