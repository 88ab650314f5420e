package io.tidelog.app.demo;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The lines to stream: a file's, or real text that a Debian system has, repeated. */
final class DemoInput {

  /** Size up to which the default text is repeated. */
  static final int DEFAULT_BYTES = 20 * 1024 * 1024;

  private static final List<Path> TEXTS =
      List.of(
          Path.of("/usr/share/common-licenses"),
          Path.of("/var/lib/dpkg/status"),
          Path.of("/usr/share/perl5"),
          Path.of("/var/log/dpkg.log"));

  private DemoInput() {}

  /**
   * Lines without their ends, malformed bytes read as ISO 8859-1.
   *
   * @throws Fault.Refused when there is no text
   */
  static List<String> read(@Nullable Path file) {
    var once = new ArrayList<String>();
    if (file != null) {
      if (!Files.exists(file)) {
        throw new Fault.Refused(Refusal.INVALID_REQUEST, "There is no file " + file);
      }
      addLines(file, once);
    } else {
      TEXTS.forEach(text -> addLines(text, once));
    }
    if (once.isEmpty()) {
      throw new Fault.Refused(
          Refusal.INVALID_REQUEST,
          file == null
              ? "No text to stream on this system: name one, ./tidelog demo FILE"
              : file + " has no line to stream");
    }
    return file == null ? repeated(once) : once;
  }

  private static List<String> repeated(List<String> once) {
    var lines = new ArrayList<String>();
    long bytes = 0;
    while (bytes < DEFAULT_BYTES) {
      for (var line : once) {
        lines.add(line);
        bytes += line.length();
        if (bytes >= DEFAULT_BYTES) {
          break;
        }
      }
    }
    return lines;
  }

  private static void addLines(Path path, List<String> lines) {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
        Files.readString(file, StandardCharsets.ISO_8859_1)
            .lines()
            .filter(line -> !line.isEmpty())
            .forEach(lines::add);
      }
    } catch (IOException e) {
      throw new Fault.Refused(Refusal.INVALID_REQUEST, "Cannot read " + path + ": " + e);
    }
  }
}
