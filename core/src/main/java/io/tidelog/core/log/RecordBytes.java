package io.tidelog.core.log;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;

/**
 * Bytes of whole record batches in offset order, held in memory or still in a file. The receiver
 * owns it and closes it once, after the bytes were sent; what backs them is not reused before.
 */
public interface RecordBytes extends AutoCloseable {

  /** A stretch of the bytes. */
  sealed interface Part {
    int sizeBytes();
  }

  /** In memory; read-only by agreement, position to limit. */
  record MemoryPart(ByteBuffer buffer) implements Part {
    @Override
    public int sizeBytes() {
      return buffer.remaining();
    }
  }

  /** In a file that stays open and unchanged until {@link RecordBytes#close}. */
  record FilePart(FileChannel channel, long position, int sizeBytes) implements Part {}

  /** No batch at all. */
  RecordBytes EMPTY =
      new RecordBytes() {
        @Override
        public int sizeBytes() {
          return 0;
        }

        @Override
        public List<Part> parts() {
          return List.of();
        }

        @Override
        public void close() {}
      };

  int sizeBytes();

  List<Part> parts();

  @Override
  void close();
}
