package io.tidelog.hot.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What every {@link LogDisk} does. */
abstract class LogDiskContract {

  abstract LogDisk disk();

  @Test
  void aFileIsReadAsItWasWritten() throws IOException {
    try (var file = disk().create("a")) {
      file.write(bytes(1, 2, 3), 0);
      file.write(bytes(9), 5);
      file.sync();
    }
    try (var file = disk().open("a")) {
      var read = ByteBuffer.allocate(10);
      assertThat(file.read(read, 0)).isEqualTo(6);
      assertThat(read.flip()).isEqualTo(bytes(1, 2, 3, 0, 0, 9));
      assertThat(file.read(ByteBuffer.allocate(1), 6)).isZero();
      assertThat(file.size()).isEqualTo(6);
    }
  }

  @Test
  void aFileIsCreatedOnce() throws IOException {
    disk().create("a").close();
    assertThatThrownBy(() -> disk().create("a")).isInstanceOf(IOException.class);
  }

  @Test
  void aMissingFileIsNotOpened() {
    assertThatThrownBy(() -> disk().open("a")).isInstanceOf(IOException.class);
  }

  @Test
  void aRenameReplacesAndLeavesOpenFilesUsable() throws IOException {
    disk().create("b").close();
    try (var file = disk().create("a")) {
      disk().rename("a", "b");
      file.write(bytes(7), 0);
      assertThat(disk().list()).contains("b").doesNotContain("a");
    }
    try (var file = disk().open("b")) {
      assertThat(file.size()).isEqualTo(1);
    }
  }

  @Test
  void aDeletedFileStaysReadableWhileOpen() throws IOException {
    try (var file = disk().create("a")) {
      file.write(bytes(7), 0);
      disk().delete("a");
      disk().delete("a");
      assertThat(disk().list()).doesNotContain("a");
      var read = ByteBuffer.allocate(1);
      file.read(read, 0);
      assertThat(read.flip()).isEqualTo(bytes(7));
    }
  }

  @Test
  void truncateCutsAndNeverGrows() throws IOException {
    try (var file = disk().create("a")) {
      file.write(bytes(1, 2, 3), 0);
      file.truncate(5);
      assertThat(file.size()).isEqualTo(3);
      file.truncate(1);
      assertThat(file.size()).isEqualTo(1);
    }
  }

  @Test
  void aMappedFileAndItsChannelShowItsBytes() throws IOException {
    try (var arena = Arena.ofConfined();
        var file = disk().create("a")) {
      file.write(bytes(1, 2, 3), 0);
      assertThat(file.map(1, 2, arena).get(ValueLayout.JAVA_BYTE, 1)).isEqualTo((byte) 3);
      var read = ByteBuffer.allocate(2);
      assertThat(file.channel().read(read, 1)).isEqualTo(2);
      assertThat(read.flip()).isEqualTo(bytes(2, 3));
    }
  }

  @Test
  void aViewShowsWhatWasWrittenBeforeAndNothingBehindTheEnd() throws IOException {
    try (var file = disk().create("a")) {
      file.write(bytes(1, 2, 3), 0);
      var early = file.view(1, 2);
      assertThat(early).isEqualTo(bytes(2, 3));
      file.write(bytes(4, 5), 3);
      assertThat(file.view(2, 3)).isEqualTo(bytes(3, 4, 5));
      assertThat(early).isEqualTo(bytes(2, 3));
      assertThatThrownBy(() -> file.view(4, 2)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void namesAreListedSorted() throws IOException {
    disk().create("b").close();
    disk().create("a").close();
    disk().syncDirectory();
    assertThat(disk().list()).containsSubsequence("a", "b");
    assertThat(disk().usableBytes()).isPositive();
  }

  static ByteBuffer bytes(int... values) {
    var bytes = ByteBuffer.allocate(values.length);
    for (int value : values) {
      bytes.put((byte) value);
    }
    return bytes.flip();
  }
}
