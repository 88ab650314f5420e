package io.tidelog.metadata.image;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Builds a stored value: a version byte, then big-endian numbers and length-prefixed text. */
final class ValueWriter {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(bytes);

  ValueWriter(int version) {
    write(() -> out.writeByte(version));
  }

  ValueWriter putFlag(boolean value) {
    return write(() -> out.writeByte(value ? 1 : 0));
  }

  ValueWriter putInt(int value) {
    return write(() -> out.writeInt(value));
  }

  ValueWriter putLong(long value) {
    return write(() -> out.writeLong(value));
  }

  ValueWriter putUuid(UUID value) {
    return putLong(value.getMostSignificantBits()).putLong(value.getLeastSignificantBits());
  }

  ValueWriter putText(String value) {
    var text = value.getBytes(StandardCharsets.UTF_8);
    return putInt(text.length).write(() -> out.write(text));
  }

  /** A flag that says whether there is one, and the item. */
  <T> ValueWriter putOptional(@Nullable T item, BiConsumer<ValueWriter, T> put) {
    putFlag(item != null);
    if (item != null) {
      put.accept(this, item);
    }
    return this;
  }

  <T> ValueWriter putList(List<T> items, BiConsumer<ValueWriter, T> put) {
    putInt(items.size());
    items.forEach(item -> put.accept(this, item));
    return this;
  }

  /** In the order of the keys, so that equal maps give equal bytes. */
  ValueWriter putMap(Map<String, String> map) {
    putInt(map.size());
    new TreeMap<>(map).forEach((key, value) -> putText(key).putText(value));
    return this;
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }

  private ValueWriter write(Write write) {
    try {
      write.run();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
  }

  private interface Write {
    void run() throws IOException;
  }
}
