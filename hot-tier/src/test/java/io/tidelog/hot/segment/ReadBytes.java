package io.tidelog.hot.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.log.RecordBytes;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes the bytes out of what a read gave, and closes it. */
final class ReadBytes {

  private ReadBytes() {}

  static byte[] of(RecordBytes bytes) throws IOException {
    try (bytes) {
      var all = ByteBuffer.allocate(bytes.sizeBytes());
      for (var part : bytes.parts()) {
        switch (part) {
          case RecordBytes.MemoryPart memory -> all.put(memory.buffer().duplicate());
          case RecordBytes.FilePart file -> {
            var piece = ByteBuffer.allocate(file.sizeBytes());
            assertThat(file.channel().read(piece, file.position())).isEqualTo(file.sizeBytes());
            all.put(piece.flip());
          }
        }
      }
      assertThat(all.hasRemaining()).isFalse();
      return all.array();
    }
  }
}
