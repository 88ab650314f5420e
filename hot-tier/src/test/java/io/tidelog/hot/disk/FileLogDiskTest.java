package io.tidelog.hot.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLogDiskTest extends LogDiskContract {

  @TempDir Path folder;
  private FileLogDisk disk;

  @BeforeEach
  void open() throws IOException {
    disk = FileLogDisk.open(folder.resolve("logs/one"));
  }

  @AfterEach
  void close() throws IOException {
    disk.close();
  }

  @Override
  LogDisk disk() {
    return disk;
  }

  @Test
  void aFolderInUseIsNotOpenedAgain() throws IOException {
    assertThatThrownBy(() -> FileLogDisk.open(folder.resolve("logs/one")))
        .isInstanceOf(Fault.Broken.class)
        .hasMessageContaining("in use");
    disk.close();
    FileLogDisk.open(folder.resolve("logs/one")).close();
  }

  /** As when a sector has gone bad: to touch the mapping would end the process. */
  @Test
  void aViewOfWhatTheDiskCannotGiveAnyMoreIsRefused() throws IOException {
    int size = 1 << 20;
    try (var file = disk.create("a")) {
      file.write(ByteBuffer.allocate(size), 0);
      assertThat(file.view(0, size).remaining()).isEqualTo(size);
      assertThat(file.cachedView(0, size)).isNotNull();
      file.truncate(0);
      assertThat(file.cachedView(0, size)).isNull();
      assertThatThrownBy(() -> file.view(0, size))
          .isInstanceOf(IOException.class)
          .hasCauseInstanceOf(InternalError.class);
    }
  }
}
