package io.tidelog.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.app.telemetry.ConsoleLog;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {

  private static final int TERMINAL_COLUMNS = 80;

  @TempDir Path folder;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @AfterEach
  void speakAgain() {
    ConsoleLog.level("info");
  }

  @Test
  void aFewLinesAgreeAndTheirProgressFitsATerminal() throws Exception {
    assertThat(run("one\ntwo\nthree")).isTrue();
    assertThat(text())
        .contains("records sent         ok   6", "lines_5s             ok   3 records, 0 early");
    assertThat(text().lines().filter(line -> line.startsWith("delayed topic")))
        .isNotEmpty()
        .allMatch(line -> line.length() <= TERMINAL_COLUMNS);
  }

  @Test
  void aLineThatIsTooLongEndsItAtOnceAndIsSaid() throws Exception {
    assertThat(run("x".repeat(2 * 1024 * 1024))).isFalse();
    assertThat(text())
        .containsPattern("records sent +BAD +0, first failure .*RecordTooLarge")
        .doesNotContain("delayed topic");
  }

  private boolean run(String lines) throws Exception {
    var file = Files.writeString(folder.resolve("input"), lines);
    try (var out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      return new Demo(out, Files.createDirectory(folder.resolve("demo"))).run(file);
    }
  }

  private String text() {
    return printed.toString(StandardCharsets.UTF_8);
  }
}
