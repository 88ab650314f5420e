package io.tidelog.hot.view;

import java.nio.ByteBuffer;

/** A big-endian buffer that grows as it is written. */
final class GrowingBuffer {

  private static final int FIRST_BYTES = 1 << 12;

  private ByteBuffer bytes = ByteBuffer.allocate(FIRST_BYTES);

  private ByteBuffer room(int more) {
    if (bytes.remaining() < more) {
      int wanted = Math.addExact(bytes.position(), more);
      int doubled = (int) Math.min(Integer.MAX_VALUE - 8L, 2L * bytes.capacity());
      bytes = ByteBuffer.allocate(Math.max(wanted, doubled)).put(bytes.flip());
    }
    return bytes;
  }

  GrowingBuffer put(boolean value) {
    room(1).put((byte) (value ? 1 : 0));
    return this;
  }

  GrowingBuffer put(short value) {
    room(Short.BYTES).putShort(value);
    return this;
  }

  GrowingBuffer put(int value) {
    room(Integer.BYTES).putInt(value);
    return this;
  }

  GrowingBuffer put(long value) {
    room(Long.BYTES).putLong(value);
    return this;
  }

  /** Borrows {@code value} and leaves its position. */
  GrowingBuffer put(ByteBuffer value) {
    room(value.remaining()).put(value.duplicate());
    return this;
  }

  /** Gives what was written, from position to limit. */
  ByteBuffer flip() {
    return bytes.flip();
  }
}
