package io.tidelog.chaos.history;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What a record carries: who wrote it and as which one, as one number, and a filler that follows
 * from that number, so that a reader sees damage.
 */
public final class Value {

  /** Instead of a number, where the bytes read are nothing that anybody writes. */
  public static final long DAMAGED = -1;

  private static final int SEQUENCE_BITS = 40;
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private Value() {}

  /**
   * @param writer one for each life of a producer, 0 to 2^23 - 1
   * @param sequence its own count, 0 to 2^40 - 1
   */
  public static long of(int writer, long sequence) {
    return ((long) writer << SEQUENCE_BITS) | sequence;
  }

  public static int writer(long value) {
    return (int) (value >>> SEQUENCE_BITS);
  }

  public static long sequence(long value) {
    return value & ((1L << SEQUENCE_BITS) - 1);
  }

  /** As {@code writer:sequence}. */
  public static String text(long value) {
    return value == DAMAGED ? "damaged bytes" : writer(value) + ":" + sequence(value);
  }

  /**
   * @param size bytes, at least 8
   */
  public static byte[] bytes(long value, int size) {
    var buffer = ByteBuffer.allocate(size).putLong(value);
    long filler = value;
    while (buffer.remaining() >= Long.BYTES) {
      filler = next(filler);
      buffer.putLong(filler);
    }
    while (buffer.hasRemaining()) {
      buffer.put((byte) size);
    }
    return buffer.array();
  }

  /** The number in bytes read, {@link #DAMAGED} if they differ anywhere from what is written. */
  public static long read(byte[] bytes) {
    if (bytes.length < Long.BYTES) {
      return DAMAGED;
    }
    long value = ByteBuffer.wrap(bytes).getLong();
    return Arrays.equals(bytes, bytes(value, bytes.length)) ? value : DAMAGED;
  }

  private static long next(long filler) {
    long mixed = (filler ^ (filler >>> 29)) * MIX;
    return mixed ^ (mixed >>> 32);
  }
}
