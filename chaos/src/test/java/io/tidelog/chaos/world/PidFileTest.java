package io.tidelog.chaos.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidFileTest {

  @TempDir Path folder;

  @Test
  void aProcessThatRunsIsFoundAndOneThatEndedIsNot() throws IOException {
    var file = folder.resolve("pid");
    assertThat(PidFile.read(file)).isEmpty();
    var process = new ProcessBuilder("sleep", "600").start();
    PidFile.write(file, process.toHandle());
    assertThat(PidFile.read(file)).contains(process.toHandle());
    process.toHandle().destroyForcibly();
    process.onExit().join();
    assertThat(PidFile.read(file)).isEmpty();
  }

  @Test
  void anotherProcessWithTheSameIdIsNotTakenForIt() throws IOException {
    var file = folder.resolve("pid");
    Files.writeString(file, ProcessHandle.current().pid() + " 1\n");
    assertThat(PidFile.read(file)).isEmpty();
  }
}
