package io.tidelog.chaos.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DisksTest {

  @TempDir Path folder;

  @Test
  void aWipedDiskIsEmptyAndThere() throws IOException {
    Files.createDirectories(folder.resolve("a/b"));
    Files.writeString(folder.resolve("a/b/file"), "bytes");
    Disks.wipe(folder);
    assertThat(folder).isEmptyDirectory();
    Disks.wipe(folder.resolve("never made"));
  }
}
