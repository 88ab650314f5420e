package io.tidelog.metadata.image;

import io.tidelog.core.Fault;
import io.tidelog.metadata.api.Entry;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads what {@link ValueWriter} built. */
final class ValueReader {

  private final int version;
  private final ByteBuffer in;

  private ValueReader(int version, ByteBuffer in) {
    this.version = version;
    this.in = in;
  }

  /**
   * Reads one stored value.
   *
   * @param newest every version from 1 to this is known
   * @throws Fault.Broken when it is of another version or makes no sense
   */
  static <T> T read(Entry entry, int newest, Function<ValueReader, T> body) {
    var in = ByteBuffer.wrap(entry.value());
    try {
      byte found = in.get();
      if (found < 1 || found > newest) {
        throw new Fault.Broken(
            entry.key() + " is kept in version " + found + ", this program knows " + newest);
      }
      return body.apply(new ValueReader(found, in));
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new Fault.Broken("the value of " + entry.key() + " makes no sense", e);
    }
  }

  /** The version the value is kept in. */
  int version() {
    return version;
  }

  boolean getFlag() {
    return in.get() != 0;
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

  /** What {@code item} reads, once or not at all. */
  <T> @Nullable T getOptional(Function<ValueReader, T> item) {
    return getFlag() ? item.apply(this) : null;
  }

  <T> List<T> getList(Function<ValueReader, T> item) {
    var list = new ArrayList<T>();
    for (int left = getInt(); left > 0; left--) {
      list.add(item.apply(this));
    }
    return list;
  }

  Map<String, String> getMap() {
    var map = new HashMap<String, String>();
    for (int left = in.getInt(); left > 0; left--) {
      map.put(getText(), getText());
    }
    return map;
  }
}
