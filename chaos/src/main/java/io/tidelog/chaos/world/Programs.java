package io.tidelog.chaos.world;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Small programs of the system that are run to their end, and where programs are found. */
public final class Programs {

  private static final long TIMEOUT_S = 20;

  private Programs() {}

  /** What the program wrote. */
  public record Ended(int status, String output) {

    public boolean isFine() {
      return status == 0;
    }
  }

  /** On the PATH, or where Debian keeps what only root uses. */
  public static Optional<Path> find(String name) {
    var folders = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin";
    for (var folder : folders.split(File.pathSeparator)) {
      var candidate = Path.of(folder).resolve(name);
      if (!folder.isEmpty() && Files.isExecutable(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  public static Ended run(List<String> command) throws IOException {
    return run(command, "");
  }

  /**
   * @param input for its standard input
   */
  public static Ended run(List<String> command, String input) throws IOException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var toProgram = process.getOutputStream()) {
      toProgram.write(input.getBytes(StandardCharsets.UTF_8));
    }
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
        process.toHandle().destroyForcibly();
        throw new IOException(command + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted in " + command, e);
    }
    return new Ended(process.exitValue(), output.strip());
  }

  /**
   * @throws IOException when it fails, with what it wrote
   */
  public static void runOrThrow(List<String> command, String input) throws IOException {
    var ended = run(command, input);
    if (!ended.isFine()) {
      throw new IOException(command + " failed: " + ended.output());
    }
  }
}
