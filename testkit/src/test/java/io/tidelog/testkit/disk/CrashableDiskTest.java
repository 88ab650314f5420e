package io.tidelog.testkit.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a power cut takes and what it leaves; without this the tests that use it prove nothing. */
@Tag("mounts")
class CrashableDiskTest {

  private static final long DISK_BYTES = 64L << 20;

  @TempDir Path scratch;

  private CrashableDisk disk;

  @BeforeEach
  void create() throws IOException {
    disk = CrashableDisk.create(scratch, DISK_BYTES);
  }

  @AfterEach
  void close() throws IOException {
    disk.close();
  }

  @Test
  void whatWasSyncedStaysAndWhatWasNotIsGone() throws IOException {
    var both = disk.folder().resolve("both");
    write(both, "synced ", true);
    sync(disk.folder());
    write(both, "not synced", false);
    write(disk.folder().resolve("lost"), "not synced", false);
    disk.cutPower();
    disk.restore();
    assertThat(both).hasContent("synced ");
    assertThat(disk.folder().resolve("lost")).doesNotExist();
  }

  @Test
  void aBlockThatIsWrittenAgainIsTheOldOneUntilItIsSynced() throws IOException {
    var file = disk.folder().resolve("file");
    write(file, "old", true);
    sync(disk.folder());
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {'n', 'e', 'w'}));
    }
    disk.cutPower();
    disk.restore();
    assertThat(file).hasContent("old");
  }

  @Test
  void aRenameHoldsOnceItsFolderIsSynced() throws IOException {
    var from = disk.folder().resolve("from");
    var to = disk.folder().resolve("to");
    write(from, "content", true);
    sync(disk.folder());
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    disk.cutPower();
    disk.restore();
    assertThat(to).doesNotExist();
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    sync(disk.folder());
    disk.cutPower();
    disk.restore();
    assertThat(from).doesNotExist();
    assertThat(to).hasContent("content");
  }

  @Test
  void nothingCanBeSyncedAfterTheCut() throws IOException {
    var file = disk.folder().resolve("file");
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[100]));
      disk.cutPower();
      assertThatThrownBy(() -> channel.force(false)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> channel.write(ByteBuffer.wrap(new byte[100])))
          .isInstanceOf(IOException.class);
    }
    disk.restore();
    assertThat(file).doesNotExist();
  }

  private static void write(Path file, String text, boolean synced) throws IOException {
    try (var channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
      if (synced) {
        channel.force(false);
      }
    }
  }

  private static void sync(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
