package io.tidelog.app.node;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.node.NodeFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The folder that {@code log.dir} names: who the node is, its copies of segment logs, and its
 * metadata when it keeps that itself. A folder in which they do not belong together is refused
 * before a byte of the log is touched, so that a lost or foreign half can still be put right.
 */
final class DataFolder {

  private static final String LOCK = "node.lock";

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

  /** Where the folders of logs are. */
  Path logs() {
    return path.resolve("logs");
  }

  /**
   * Takes the folder into use, until what this gives is closed.
   *
   * @param isAlone metadata is in it too
   * @throws Fault.Refused {@code INVALID_CONFIG} when the folder cannot be made or written, or when
   *     a log is here and the metadata that is to be here too is not
   * @throws Fault.Broken when another process has it
   */
  AutoCloseable open(boolean isAlone) {
    create();
    var lock = lock();
    if (isAlone && !Files.exists(metadata()) && !logNames().isEmpty()) {
      close(lock);
      throw refused(
          "holds log " + String.join(", ", logNames()) + " and the metadata that knows it is gone");
    }
    return lock;
  }

  private void create() {
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

  private FileChannel lock() {
    var file = path.resolve(LOCK);
    try {
      var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isLocked(channel)) {
        return channel;
      }
      channel.close();
    } catch (IOException e) {
      throw new Fault.Broken("cannot lock " + file + ": " + e.getMessage(), e);
    }
    throw new Fault.Broken("data folder " + path + " is in use by another process");
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // another node of this very process has it
    }
  }

  private static void close(FileChannel lock) {
    try {
      lock.close();
    } catch (IOException e) {
      throw new Fault.Broken("cannot close a lock: " + e.getMessage(), e);
    }
  }

  /**
   * Who this node is, or null in a new folder.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG} when the folder is another cluster's
   */
  @Nullable NodeFolder nodeOf(String clusterId) {
    var node = NodeFolder.read(path);
    if (node != null && !node.clusterId().equals(clusterId)) {
      throw refused(
          "is of cluster "
              + node.clusterId()
              + ", and its metadata of another cluster, "
              + clusterId);
    }
    return node;
  }

  /** Keeps who this node is. */
  void keep(NodeFolder node) {
    node.write(path);
  }

  /**
   * Makes sure that the logs here are the cluster's.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG} when another log is here
   */
  void requireLogsOf(NodeMetadata metadata) {
    var known = metadata.cluster().registry().all();
    var others =
        logNames().stream()
            .filter(name -> known.stream().noneMatch(log -> name.startsWith(log.id().toString())))
            .toList();
    if (!others.isEmpty()) {
      throw refused(
          "holds log "
              + String.join(", ", others)
              + " and metadata of another cluster, "
              + metadata.identity().clusterId()
              + ", with logs "
              + known.stream().map(log -> log.id().toString()).toList());
    }
  }

  private List<String> logNames() {
    var folder = logs();
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
