package io.tidelog.metadata.store.embedded;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.metadata.HandClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillTest {

  private static final int KILLS = 3;

  @TempDir private Path folder;

  @Test
  void aKilledProcessLosesNothingItAcknowledged() throws IOException, InterruptedException {
    long acknowledged = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      acknowledged = writeAndKill(acknowledged + 1, 20 + 30 * kill);
      try (var store = EmbeddedMetadataStore.open(folder, new HandClock())) {
        long left = value(store, "left");
        assertThat(value(store, "right")).isEqualTo(left);
        assertThat(left).isGreaterThanOrEqualTo(acknowledged);
        acknowledged = left;
      }
    }
  }

  /** The last value acknowledged by a process killed after so many lines. */
  private long writeAndKill(long from, int lines) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                KilledWriter.class.getName(),
                folder.toString(),
                Long.toString(from))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long acknowledged = from - 1;
    try (var out = process.inputReader(StandardCharsets.US_ASCII)) {
      for (int i = 0; i < lines; i++) {
        var line = out.readLine();
        assertThat(line).as("a line of the writer").isNotNull();
        acknowledged = Long.parseLong(line);
      }
      process.toHandle().destroyForcibly(); // unlike the process itself it leaves the pipe open
      for (var line = out.readLine(); line != null; line = out.readLine()) {
        if (line.length() >= Long.toString(acknowledged).length()) {
          acknowledged = Long.parseLong(line);
        }
      }
    }
    process.waitFor();
    return acknowledged;
  }

  private static long value(EmbeddedMetadataStore store, String key) {
    return ByteBuffer.wrap(result(store.get(key)).value()).getLong();
  }
}
