package io.tidelog.metadata.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidelog.core.Fault;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Who the owner of a data folder is in its cluster: one small file, written once and replaced as a
 * whole. A folder that was wiped has no file, so its node gets another disk id and never passes for
 * the one that had the data. Blocks; whoever calls it holds the folder.
 *
 * @param diskId drawn when the file is first written
 */
public record NodeFolder(String clusterId, int nodeId, UUID diskId) {

  /** The file: text, {@code key=value} lines, the last one a CRC-32C of the rest. */
  public static final String FILE = "node.properties";

  /**
   * What the folder says, or null when it says nothing.
   *
   * @throws Fault.Broken when it cannot be read or is damaged
   */
  public static @Nullable NodeFolder read(Path folder) {
    var file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return null;
    }
    try {
      return parse(file, Files.readString(file, UTF_8));
    } catch (IOException e) {
      throw new Fault.Broken(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static NodeFolder parse(Path file, String text) throws IOException {
    int checked = text.lastIndexOf("crc=");
    if (checked < 0
        || !text.substring(checked).strip().equals("crc=" + crc(text.substring(0, checked)))) {
      throw new Fault.Broken(file + " is damaged: its checksum does not match");
    }
    var values = new Properties();
    values.load(new StringReader(text));
    try {
      return new NodeFolder(
          value(values, "cluster.id"),
          Integer.parseInt(value(values, "node.id")),
          UUID.fromString(value(values, "disk.id")));
    } catch (IllegalArgumentException e) {
      throw new Fault.Broken(file + " is not understood: " + e.getMessage(), e);
    }
  }

  private static String value(Properties values, String key) {
    var value = values.getProperty(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key);
    }
    return value;
  }

  /**
   * Makes sure that the folder is of this cluster.
   *
   * @throws Fault.Broken when it is another one's
   */
  public void requireClusterOrThrow(String expected) {
    if (!clusterId.equals(expected)) {
      throw new Fault.Broken(
          FILE + " is of cluster " + clusterId + ", this process is of " + expected);
    }
  }

  /**
   * Writes the file, durable when this returns.
   *
   * @throws Fault.Broken when that fails
   */
  public void write(Path folder) {
    var text =
        "cluster.id=" + clusterId + "\nnode.id=" + nodeId + "\ndisk.id=" + diskId + "\nversion=1\n";
    var bytes = ByteBuffer.wrap((text + "crc=" + crc(text) + "\n").getBytes(UTF_8));
    var temporary = folder.resolve(FILE + ".tmp");
    try {
      try (var file =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        file.force(true);
      }
      Files.move(temporary, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
      try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true);
      }
    } catch (IOException e) {
      throw new Fault.Broken(folder.resolve(FILE) + " cannot be written: " + e.getMessage(), e);
    }
  }

  private static String crc(String text) {
    var crc = new CRC32C();
    crc.update(text.getBytes(UTF_8));
    return Long.toHexString(crc.getValue());
  }
}
