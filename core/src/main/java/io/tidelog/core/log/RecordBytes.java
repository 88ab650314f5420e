package io.tidelog.core.log;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;

/**
 * Bytes of whole record batches in offset order, held in memory or still in a file. The receiver
 * owns it and closes it once, after the bytes were sent; what backs them is not reused before.
 */
public interface RecordBytes extends AutoCloseable {

  /** A stretch of the bytes, valid until {@link RecordBytes#close}. */
  sealed interface Part {

    /** Position to limit; read-only by agreement. */
    ByteBuffer bytes();

    default int sizeBytes() {
      return bytes().remaining();
    }
  }

  /** In memory. */
  record MemoryPart(ByteBuffer bytes) implements Part {}

  /** In a file too, from {@code position} on, whence it is sent without a copy. */
  record FilePart(FileChannel channel, long position, ByteBuffer bytes) implements Part {}

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
