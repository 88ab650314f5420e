package io.tidelog.cold.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The bytes of an object to be written, readable at any place any number of times, with the same
 * bytes each time. Not safe to read from two threads at once.
 */
public interface ObjectContent {

  long sizeBytes();

  /**
   * Fills {@code into} from its position to its limit; borrows it.
   *
   * @throws IOException when what is behind it cannot be read; nothing was written anywhere
   * @throws IndexOutOfBoundsException when the content ends before the buffer is full
   */
  void read(long position, ByteBuffer into) throws IOException;

  /** Bytes in memory, from the buffer's position to its limit; takes the buffer. */
  static ObjectContent of(ByteBuffer bytes) {
    return new BufferContent(bytes.slice());
  }

  /** See {@link #of}. */
  record BufferContent(ByteBuffer bytes) implements ObjectContent {
    @Override
    public long sizeBytes() {
      return bytes.capacity();
    }

    @Override
    public void read(long position, ByteBuffer into) {
      into.put(bytes.slice(Math.toIntExact(position), into.remaining()));
    }
  }
}
