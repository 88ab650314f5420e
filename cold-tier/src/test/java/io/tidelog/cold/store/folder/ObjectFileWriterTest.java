package io.tidelog.cold.store.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.cold.store.ObjectContent;
import io.tidelog.cold.store.ObjectStore.PutOutcome;
import io.tidelog.core.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which bytes are in an object's file, however it was written, and how that is decided. */
class ObjectFileWriterTest {

  private static final int BUFFER = ObjectFileWriter.BUFFER_BYTES;

  @TempDir Path folder;

  /** Whether the last file opened was to be written directly. */
  private boolean isDirect;

  /** What the file system under the store does with direct I/O. */
  enum DirectIo {
    /** What this machine's does. */
    AS_IS {
      @Override
      FileChannel open(Path file, Set<? extends OpenOption> options) throws IOException {
        return FileChannel.open(file, options);
      }
    },
    /** Taken, and not more demanding than ordinary writes; what is written is the same. */
    TAKEN {
      @Override
      FileChannel open(Path file, Set<? extends OpenOption> options) throws IOException {
        return FileChannel.open(file, StandardOpenOption.WRITE);
      }
    },
    REFUSED_BY_JDK {
      @Override
      FileChannel open(Path file, Set<? extends OpenOption> options) {
        throw new UnsupportedOperationException("planned");
      }
    },
    REFUSED_AT_OPEN {
      @Override
      FileChannel open(Path file, Set<? extends OpenOption> options) throws IOException {
        throw new FileSystemException(file.toString(), null, "Invalid argument");
      }
    },
    REFUSED_AT_FIRST_WRITE {
      @Override
      FileChannel open(Path file, Set<? extends OpenOption> options) throws IOException {
        var channel = FileChannel.open(file, StandardOpenOption.WRITE);
        channel.close();
        return channel;
      }
    };

    abstract FileChannel open(Path file, Set<? extends OpenOption> options) throws IOException;
  }

  private FolderObjectStore store(DirectIo directIo) {
    return FolderObjectStore.open(
        folder.resolve("objects"),
        FolderSync.ofFiles(),
        (file, options) -> open(directIo, file, options));
  }

  private FileChannel open(DirectIo directIo, Path file, Set<? extends OpenOption> options)
      throws IOException {
    isDirect = options.stream().anyMatch(o -> o.toString().equals(ObjectFileWriter.DIRECT));
    return isDirect ? directIo.open(file, options) : FileChannel.open(file, options);
  }

  @ParameterizedTest
  @EnumSource
  void anObjectOfAnySizeIsInItsFileByteForByte(DirectIo directIo) throws IOException {
    int block = (int) Files.getFileStore(folder).getBlockSize();
    var sizes = new HashSet<>(List.of(0, 1, block - 1, block, block + 1));
    sizes.addAll(List.of(BUFFER - 1, BUFFER, BUFFER + 1, BUFFER + block, BUFFER + block + 1));
    sizes.addAll(List.of(3 * BUFFER - 1, 3 * BUFFER, 3 * BUFFER + 1));
    try (var store = store(directIo)) {
      for (int size : sizes) {
        var bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        var content = ObjectContent.of(ByteBuffer.wrap(bytes));
        assertThat(store.create("size/" + size, content)).isEqualTo(PutOutcome.CREATED);
        var file = folder.resolve("objects/size/" + size);
        assertThat(Files.readAllBytes(file)).as("seed=size=%s", size).isEqualTo(bytes);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ANY, names = "REFUSED.*")
  void aFileSystemWithoutDirectIoIsWrittenThroughThePageCache(DirectIo directIo)
      throws IOException {
    try (var store = store(directIo);
        var left = Files.list(folder.resolve("objects/.incoming"))) {
      assertThat(left).isEmpty();
      store.create("a", ObjectContent.of(ByteBuffer.allocate(10)));
      assertThat(isDirect).isFalse();
    }
  }

  @Test
  void anErrorAfterTheStoreIsOpenDoesNotChangeHowItWrites() {
    var failing = new HashSet<String>();
    var objects = folder.resolve("objects");
    ObjectFileWriter.Opening opening =
        (file, options) -> {
          if (failing.remove("next")) {
            throw new FileSystemException(file.toString(), null, "Invalid argument");
          }
          return open(DirectIo.TAKEN, file, options);
        };
    var content = ObjectContent.of(ByteBuffer.allocate(10));
    try (var store = FolderObjectStore.open(objects, FolderSync.ofFiles(), opening)) {
      failing.add("next");
      assertThatThrownBy(() -> store.create("a", content)).isInstanceOf(Fault.Retriable.class);
      assertThat(store.create("a", content)).isEqualTo(PutOutcome.CREATED);
      assertThat(isDirect).isTrue();
    }
  }
}
