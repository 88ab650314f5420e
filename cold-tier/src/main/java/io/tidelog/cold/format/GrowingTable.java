package io.tidelog.cold.format;

import java.nio.ByteBuffer;

/** Records of one size, appended to a buffer that doubles when it is full. */
final class GrowingTable {

  private static final int INITIAL_RECORDS = 16;

  private final int recordBytes;
  private ByteBuffer buffer;

  GrowingTable(int recordBytes) {
    this.recordBytes = recordBytes;
    this.buffer = ByteBuffer.allocate(INITIAL_RECORDS * recordBytes);
  }

  /** Where the next record is to be put, all of it. */
  ByteBuffer next() {
    if (buffer.remaining() < recordBytes) {
      buffer = ByteBuffer.allocate(Math.multiplyExact(buffer.capacity(), 2)).put(buffer.flip());
    }
    return buffer;
  }

  int count() {
    return buffer.position() / recordBytes;
  }

  long sizeBytes() {
    return buffer.position();
  }

  ByteBuffer bytes() {
    return buffer.duplicate().flip();
  }
}
