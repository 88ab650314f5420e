package io.tidelog.cold.store.folder;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Makes names durable, not only the bytes behind them. */
final class FolderSync {

  private FolderSync() {}

  /** Syncs a folder, so that the names in it survive a loss of power. */
  static void sync(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Creates what is missing of an absolute path and syncs each parent. */
  static void createDirectories(Path folder) throws IOException {
    var parent = folder.getParent();
    if (parent != null) {
      createDirectories(parent);
      createDirectories(parent, folder);
    }
  }

  /** Creates what is missing from {@code root} down to {@code folder} and syncs each parent. */
  static void createDirectories(Path root, Path folder) throws IOException {
    Path at = root;
    for (Path name : root.relativize(folder)) {
      Path next = at.resolve(name);
      if (!name.toString().isEmpty() && !Files.isDirectory(next)) {
        try {
          Files.createDirectory(next);
        } catch (FileAlreadyExistsException e) {
          if (!Files.isDirectory(next)) {
            throw new IOException(next + " is no folder", e);
          }
        }
        sync(at);
      }
      at = next;
    }
  }
}
