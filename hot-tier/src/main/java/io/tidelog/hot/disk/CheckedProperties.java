package io.tidelog.hot.disk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A small file of {@code key=value} lines, UTF-8, the last one a CRC-32C of the rest; replaced as a
 * whole or not at all.
 */
final class CheckedProperties {

  private static final String TEMP = ".tmp";
  private static final int MAX_FILE_BYTES = 64 << 10;

  private CheckedProperties() {}

  /** The lines of the file, which must be there; null when its checksum does not match. */
  static @Nullable Map<String, String> read(LogDisk disk, String name) throws IOException {
    String text;
    try (var file = disk.open(name)) {
      var bytes = ByteBuffer.allocate((int) Math.min(file.size(), MAX_FILE_BYTES));
      file.read(bytes, 0);
      text = new String(bytes.array(), 0, bytes.position(), UTF_8);
    }
    int checked = text.lastIndexOf("crc=");
    if (checked < 0
        || !text.substring(checked).strip().equals("crc=" + crc(text.substring(0, checked)))) {
      return null;
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (var line : text.substring(0, checked).split("\n", -1)) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        values.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return values;
  }

  /** Writes the lines in the map's order, durably; replaces what is there. */
  static void write(LogDisk disk, String name, Map<String, String> values) throws IOException {
    var text = new StringBuilder();
    values.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    String checked = text.toString();
    text.append("crc=").append(crc(checked)).append('\n');
    var temp = name + TEMP;
    disk.delete(temp);
    try (var file = disk.create(temp)) {
      file.write(ByteBuffer.wrap(text.toString().getBytes(UTF_8)), 0);
      file.sync();
    }
    disk.rename(temp, name);
    disk.syncDirectory();
  }

  private static String crc(String text) {
    var crc = new CRC32C();
    crc.update(text.getBytes(UTF_8));
    return Long.toHexString(crc.getValue());
  }
}
