package io.tidelog.gateway.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.kafka.common.protocol.Readable;

/**
 * Reads the fields of one request from a frame, which it borrows, and refuses requests that would
 * cost more memory than their bytes are worth: a frame may promise a hundred million elements in
 * five bytes, and each field read becomes an object at most.
 */
final class RequestReader implements Readable {

  private static final int MAX_VARINT_BYTES = 5;
  private static final int MAX_VARLONG_BYTES = 10;

  /** The protocol has no longer strings. */
  private static final int MAX_STRING_BYTES = Short.MAX_VALUE;

  /** One wrong byte becomes a character of three bytes. */
  private static final int MAX_GROWTH = 3;

  private final ByteBuffer buffer;
  private final RequestLimits limits;
  private int fieldsRead;

  RequestReader(ByteBuffer buffer, RequestLimits limits) {
    this.buffer = buffer.order(ByteOrder.BIG_ENDIAN);
    this.limits = limits;
  }

  @Override
  public byte readByte() {
    onField();
    return buffer.get();
  }

  @Override
  public short readShort() {
    onField();
    return buffer.getShort();
  }

  @Override
  public int readInt() {
    onField();
    return buffer.getInt();
  }

  @Override
  public long readLong() {
    onField();
    return buffer.getLong();
  }

  @Override
  public double readDouble() {
    onField();
    return buffer.getDouble();
  }

  @Override
  public byte[] readArray(int length) {
    requireRemaining(length);
    var bytes = new byte[length];
    buffer.get(bytes);
    return bytes;
  }

  /**
   * Bytes that are no UTF-8 are replaced as Kafka does, but not by so many more that no answer
   * could repeat the string.
   */
  @Override
  public String readString(int length) {
    var text = new String(readArray(length), UTF_8);
    if (length > MAX_STRING_BYTES / MAX_GROWTH && text.getBytes(UTF_8).length > MAX_STRING_BYTES) {
      throw new IllegalArgumentException("a string of " + length + " bytes is no UTF-8");
    }
    return text;
  }

  @Override
  public ByteBuffer readByteBuffer(int length) {
    requireRemaining(length);
    var view = buffer.slice(buffer.position(), length);
    buffer.position(buffer.position() + length);
    return view;
  }

  @Override
  public int readUnsignedVarint() {
    onField();
    int value = 0;
    for (int i = 0; i < MAX_VARINT_BYTES; i++) {
      byte next = buffer.get();
      value |= (next & 0x7f) << (7 * i);
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a varint is longer than " + MAX_VARINT_BYTES + " bytes");
  }

  @Override
  public int readVarint() {
    int zigzag = readUnsignedVarint();
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  @Override
  public long readVarlong() {
    onField();
    long value = 0;
    for (int i = 0; i < MAX_VARLONG_BYTES; i++) {
      byte next = buffer.get();
      value |= (long) (next & 0x7f) << (7 * i);
      if (next >= 0) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw new IllegalArgumentException("a varlong is longer than " + MAX_VARLONG_BYTES + " bytes");
  }

  /**
   * Bytes left, but never more than an array may have elements: Kafka's generated code asks before
   * it makes room for an array, and for nothing else.
   */
  @Override
  public int remaining() {
    return Math.min(buffer.remaining(), limits.maxElements());
  }

  @Override
  public Readable slice() {
    return new RequestReader(buffer.slice(), limits);
  }

  private void requireRemaining(int length) {
    onField();
    if (length < 0 || length > buffer.remaining()) {
      throw new BufferUnderflowException();
    }
  }

  private void onField() {
    fieldsRead++;
    if (fieldsRead > limits.maxFields()) {
      throw new IllegalArgumentException("more than " + limits.maxFields() + " fields");
    }
  }
}
