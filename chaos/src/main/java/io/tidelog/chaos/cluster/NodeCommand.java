package io.tidelog.chaos.cluster;

import java.nio.file.Path;
import java.util.List;

/** How a node is started: as {@code ./tidelog start} does, when that script started us. */
final class NodeCommand {

  /** Lines of the command, the launcher's own; set by the script. */
  static final String VARIABLE = "CHAOS_NODE_COMMAND";

  /** What a node writes once it serves. */
  static final String READY = "Tidelog is ready";

  private NodeCommand() {}

  /** Without its arguments. */
  static List<String> get() {
    var lines = System.getenv(VARIABLE);
    if (lines != null) {
      return lines.lines().toList();
    }
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx192m",
        "-XX:+ExitOnOutOfMemoryError",
        "-cp",
        System.getProperty("java.class.path"),
        "io.tidelog.app.TidelogMain");
  }
}
