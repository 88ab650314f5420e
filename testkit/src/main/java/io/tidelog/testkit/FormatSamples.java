package io.tidelog.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bytes of a format as a version of it wrote them, kept in {@code docs/formats/samples}, a name and
 * hexadecimal digits a line. A file is never changed: what is written in it is on disks, in etcd,
 * or on its way from a node that is not upgraded yet. A new version of a format gets a file beside
 * it.
 */
public final class FormatSamples {

  private static final Path FOLDER = Path.of("..", "docs", "formats", "samples");

  private FormatSamples() {}

  /**
   * What is kept of a format, by name, in the order of the file.
   *
   * @param format name and version, as {@code segment-log-2}
   * @param now what this program writes; put where it says when the format is new
   * @throws AssertionError when nothing is kept
   */
  public static Map<String, byte[]> kept(String format, Map<String, byte[]> now)
      throws IOException {
    var file = FOLDER.resolve(format + ".txt");
    if (!Files.exists(file)) {
      var written = Path.of("target", format + ".txt").toAbsolutePath();
      var text = new StringBuilder();
      now.forEach(
          (name, bytes) ->
              text.append(name).append(' ').append(HexFormat.of().formatHex(bytes)).append('\n'));
      Files.writeString(written, text);
      throw new AssertionError(
          file + " is not there; if the format is new, " + written + " belongs there");
    }
    var kept = new LinkedHashMap<String, byte[]>();
    for (var line : Files.readAllLines(file)) {
      int space = line.indexOf(' ');
      kept.put(line.substring(0, space), HexFormat.of().parseHex(line.substring(space + 1)));
    }
    return kept;
  }
}
