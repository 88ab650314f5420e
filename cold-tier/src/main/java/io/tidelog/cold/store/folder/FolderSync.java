package io.tidelog.cold.store.folder;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes names durable, not only the bytes behind them. A folder that is there is not trusted to be
 * durable before its parent was synced by this process: the one that made it may have failed in
 * between. Safe to share.
 */
final class FolderSync {

  /** Syncs a folder, so that the names in it survive a loss of power. */
  @FunctionalInterface
  interface Force {
    void force(Path folder) throws IOException;
  }

  private final Force force;
  private final Set<Path> durable = ConcurrentHashMap.newKeySet();

  FolderSync(Force force) {
    this.force = force;
  }

  /** By the file system. */
  static FolderSync ofFiles() {
    return new FolderSync(
        folder -> {
          try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
          }
        });
  }

  void sync(Path folder) throws IOException {
    force.force(folder);
  }

  /** Creates what is missing down to {@code folder} and makes each name durable in its parent. */
  void createDirectories(Path folder) throws IOException {
    var parent = folder.getParent();
    if (parent == null || durable.contains(folder)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      createDirectories(parent);
      createDirectory(folder);
    }
    if (Files.isReadable(parent)) {
      force.force(parent);
    }
    durable.add(folder);
  }

  /** As {@link #createDirectories(Path)}, where {@code root} is there and durable. */
  void createDirectories(Path root, Path folder) throws IOException {
    boolean isKnown = durable.contains(folder) && Files.isDirectory(folder);
    if (!folder.equals(root) && !isKnown) {
      var parent = folder.getParent();
      createDirectories(root, parent == null ? root : parent);
      createDirectory(folder);
      force.force(parent == null ? root : parent);
      durable.add(folder);
    }
  }

  private static void createDirectory(Path folder) throws IOException {
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw new IOException(folder + " is no folder", e);
      }
    }
  }
}
