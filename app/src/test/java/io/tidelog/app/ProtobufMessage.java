package io.tidelog.app;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A message of protobuf's wire format, read without its schema. */
final class ProtobufMessage {

  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED_32 = 5;

  /** By field number, in order; a number or the bytes of what is longer. */
  private final Map<Integer, List<Object>> fields = new HashMap<>();

  /**
   * @throws java.nio.BufferUnderflowException when the bytes end too early
   */
  ProtobufMessage(byte[] bytes) {
    var from = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (from.hasRemaining()) {
      int tag = (int) varint(from);
      Object value =
          switch (tag & 7) {
            case VARINT -> varint(from);
            case FIXED_64 -> from.getLong();
            case LENGTH_DELIMITED -> bytes(from, (int) varint(from));
            case FIXED_32 -> (long) from.getInt();
            default -> throw new IllegalArgumentException("wire type of tag " + tag);
          };
      fields.computeIfAbsent(tag >>> 3, field -> new ArrayList<>()).add(value);
    }
  }

  private static long varint(ByteBuffer from) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = from.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static byte[] bytes(ByteBuffer from, int size) {
    var bytes = new byte[size];
    from.get(bytes);
    return bytes;
  }

  Stream<ProtobufMessage> messages(int field) {
    return all(field).map(value -> new ProtobufMessage((byte[]) value));
  }

  String text(int field) {
    return new String((byte[]) all(field).findFirst().orElseThrow(), StandardCharsets.UTF_8);
  }

  long number(int field) {
    return (Long) all(field).findFirst().orElseThrow();
  }

  private Stream<Object> all(int field) {
    return fields.getOrDefault(field, List.of()).stream();
  }
}
