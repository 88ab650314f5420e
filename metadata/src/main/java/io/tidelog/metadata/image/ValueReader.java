package io.tidelog.metadata.image;

import io.tidelog.core.Fault;
import io.tidelog.metadata.api.Entry;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/** Reads what {@link ValueWriter} built. */
final class ValueReader {

  private final ByteBuffer in;

  private ValueReader(ByteBuffer in) {
    this.in = in;
  }

  /**
   * Reads one stored value.
   *
   * @throws Fault.Broken when it is of another version or makes no sense
   */
  static <T> T read(Entry entry, int version, Function<ValueReader, T> body) {
    var in = ByteBuffer.wrap(entry.value());
    try {
      byte found = in.get();
      if (found != version) {
        throw new Fault.Broken(
            entry.key() + " is kept in version " + found + ", this program knows " + version);
      }
      return body.apply(new ValueReader(in));
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new Fault.Broken("the value of " + entry.key() + " makes no sense", e);
    }
  }

  int getInt() {
    return in.getInt();
  }

  long getLong() {
    return in.getLong();
  }

  UUID getUuid() {
    return new UUID(in.getLong(), in.getLong());
  }

  String getText() {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("text of " + length + " bytes");
    }
    var text = new byte[length];
    in.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  Map<String, String> getMap() {
    var map = new HashMap<String, String>();
    for (int left = in.getInt(); left > 0; left--) {
      map.put(getText(), getText());
    }
    return map;
  }
}
