package io.tidelog.chaos;

import io.tidelog.chaos.world.Worlds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code ./tidelog chaos}, or {@code cluster}, as a child process, as the script starts it. */
final class ChildRun {

  /**
   * @param status of its end
   * @param output all it wrote
   */
  record Ended(int status, String output) {}

  private ChildRun() {}

  static Process start(Path output, List<String> arguments) throws IOException {
    return new ProcessBuilder(Worlds.java(ChaosMain.class, arguments))
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  static Ended run(Path output, List<String> arguments, long timeoutS)
      throws IOException, InterruptedException {
    var process = start(output, arguments);
    try {
      if (!process.waitFor(timeoutS, TimeUnit.SECONDS)) {
        return new Ended(-1, "did not end within " + timeoutS + " s:\n" + Files.readString(output));
      }
      return new Ended(process.exitValue(), Files.readString(output));
    } finally {
      process.toHandle().destroyForcibly();
    }
  }
}
