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
        if (part instanceof RecordBytes.FilePart file) {
          var sent = ByteBuffer.allocate(file.sizeBytes());
          assertThat(file.channel().read(sent, file.position())).isEqualTo(file.sizeBytes());
          assertThat(sent.flip()).isEqualTo(file.bytes());
        }
        all.put(part.bytes().duplicate());
      }
      assertThat(all.hasRemaining()).isFalse();
      return all.array();
    }
  }
}
