package io.tidelog.app.node;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.hot.disk.DiskIdentity;
import io.tidelog.hot.disk.FileLogDisk;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.metadata.api.ClusterIdentity;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * The folder that {@code log.dir} names: metadata, and the one segment log this metadata knows. A
 * folder in which the two do not belong together is refused before a byte of the log is touched, so
 * that a lost or foreign half can still be put right.
 */
final class DataFolder {

  private final Path path;

  DataFolder(Path path) {
    this.path = path.toAbsolutePath().normalize();
  }

  Path path() {
    return path;
  }

  Path metadata() {
    return path.resolve("metadata");
  }

  /**
   * @throws Fault.Refused {@code INVALID_CONFIG} when the folder cannot be made or written
   */
  void create() {
    try {
      Files.createDirectories(path);
      if (!Files.isWritable(path)) {
        throw new AccessDeniedException(path.toString());
      }
    } catch (IOException e) {
      var why =
          switch (e) {
            case AccessDeniedException denied -> "no permission";
            case FileAlreadyExistsException file -> "a file is in the way";
            default -> e.toString();
          };
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG,
          "Data folder " + path + " cannot be written (" + why + "); --data names another");
    }
  }

  /**
   * To be asked before metadata is opened, which would found a new cluster beside an old log.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG} when a log is here and no metadata is
   */
  void requireMetadataOfLogs() {
    var logs = logs();
    if (!logs.isEmpty() && !Files.exists(metadata())) {
      throw refused(
          "holds log " + String.join(", ", logs) + " and the metadata that knows it is gone");
    }
  }

  /**
   * Takes the folder of the identity's log, created if it is new.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG} when another log is here
   * @throws Fault.Broken when the log's folder is another cluster's or log's, or held by a process
   */
  LogDisk openLog(ClusterIdentity identity) {
    var log = identity.log();
    var others = logs().stream().filter(name -> !name.equals(log.toString())).toList();
    if (!others.isEmpty()) {
      throw refused(
          "holds log "
              + String.join(", ", others)
              + " and metadata of another cluster, "
              + identity.clusterId()
              + ", with log "
              + log);
    }
    try {
      return claimed(FileLogDisk.open(logFolder(log)), identity);
    } catch (IOException e) {
      throw new Fault.Broken("cannot open the log folder in " + path + ": " + e.getMessage(), e);
    }
  }

  /** The id of a disk from {@link #openLog}. */
  static UUID diskIdOf(LogDisk disk) {
    try {
      return DiskIdentity.read(disk).diskId();
    } catch (IOException e) {
      throw new Fault.Broken("cannot read the identity of " + disk.describe(), e);
    }
  }

  private static LogDisk claimed(LogDisk disk, ClusterIdentity identity) throws IOException {
    boolean claimed = false;
    try {
      DiskIdentity.claim(
          disk, new DiskIdentity(identity.clusterId(), identity.log(), UUID.randomUUID()));
      claimed = true;
      return disk;
    } finally {
      if (!claimed) {
        disk.close();
      }
    }
  }

  private Path logFolder(LogId log) {
    return path.resolve("logs").resolve(log.toString());
  }

  private List<String> logs() {
    var folder = path.resolve("logs");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var names = Files.list(folder)) {
      return names.map(log -> log.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new Fault.Broken("cannot read " + folder + ": " + e.getMessage(), e);
    }
  }

  private Fault.Refused refused(String what) {
    return new Fault.Refused(
        Refusal.INVALID_CONFIG,
        "Data folder "
            + path
            + " "
            + what
            + "; the log was not touched. Put back the folder metadata that belongs to it, or name"
            + " another data folder");
  }
}
