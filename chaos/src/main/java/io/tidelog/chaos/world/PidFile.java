package io.tidelog.chaos.world;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * A process id with the moment the process started, in the kernel's ticks, so that another process
 * that got the same id later is not taken for it.
 */
public final class PidFile {

  private PidFile() {}

  public static void write(Path file, ProcessHandle process) throws IOException {
    var started = started(process.pid()).orElse("0");
    var next = file.resolveSibling(file.getFileName() + ".next");
    Files.writeString(next, process.pid() + " " + started + "\n");
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The process that was written there; empty when it has ended. */
  public static Optional<ProcessHandle> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    var words = Files.readString(file).strip().split(" ");
    long pid = Long.parseLong(words[0]);
    return started(pid).filter(words[1]::equals).flatMap(same -> ProcessHandle.of(pid));
  }

  /** Field 22 of its stat file; the second, its name, may hold spaces and parentheses. */
  private static Optional<String> started(long pid) throws IOException {
    var stat = Path.of("/proc/" + pid + "/stat");
    if (!Files.exists(stat)) {
      return Optional.empty();
    }
    try {
      var text = Files.readString(stat);
      return Optional.of(text.substring(text.lastIndexOf(')') + 2).split(" ")[19]);
    } catch (IOException ended) {
      return Optional.empty();
    }
  }
}
