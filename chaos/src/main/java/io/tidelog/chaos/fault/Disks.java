package io.tidelog.chaos.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/** What is done to a node's disk from outside. */
public final class Disks {

  private static final int LARGE = 1024 * 1024;
  private static final int SMALL = 4096;

  private Disks() {}

  /** Deletes what is below a folder and leaves the folder, which may be a mount. */
  public static void wipe(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
        if (!path.equals(folder)) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  /** Takes all the space there is, into a file that gives it back when it is deleted. */
  public static Path fill(Path folder) throws IOException {
    var balloon = folder.resolve("balloon");
    for (int size : new int[] {LARGE, SMALL}) {
      fill(balloon, new byte[size]);
    }
    return balloon;
  }

  private static void fill(Path balloon, byte[] block) throws IOException {
    try (var out =
        Files.newOutputStream(balloon, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      if (!Files.exists(balloon)) {
        throw full;
      }
    }
  }
}
