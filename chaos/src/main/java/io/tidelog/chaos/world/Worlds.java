package io.tidelog.chaos.world;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Starts a Java program again inside namespaces of its own for network, mounts and process ids:
 * with root's rights, or with those that the kernel gives everybody in a user namespace. When the
 * program ends there, however it ends, the kernel ends every process it started and forgets the
 * network.
 */
public final class Worlds {

  private static final List<String> NAMESPACES =
      List.of("--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc");
  private static final List<String> AS_ROOT = List.of("unshare");
  private static final List<String> AS_USER = List.of("unshare", "--user", "--map-root-user");

  /** The program's first argument when it is inside. */
  public static final String INSIDE = "--inside";

  private Worlds() {}

  /** The beginning of a command that runs what follows in a world; empty where there is none. */
  public static Optional<List<String>> entrance() throws IOException {
    if (Programs.find("unshare").isEmpty()
        || Programs.find("nsenter").isEmpty()
        || Programs.find("ip").isEmpty()) {
      return Optional.empty();
    }
    for (var beginning : List.of(AS_ROOT, AS_USER)) {
      var entrance = new ArrayList<>(beginning);
      entrance.addAll(NAMESPACES);
      var attempt = new ArrayList<>(entrance);
      attempt.addAll(List.of("ip", "link", "add", "br0", "type", "bridge"));
      if (Programs.run(attempt).isFine()) {
        return Optional.of(List.copyOf(entrance));
      }
    }
    return Optional.empty();
  }

  /** Why everything runs on loopback where there is no world. */
  public static String whatIsMissing() {
    return "Everything runs on loopback: network namespaces are not to be had here (they need the"
        + " programs unshare, nsenter and ip, and root's rights or a kernel that lets users make"
        + " them).";
  }

  /** This Java program again, with other arguments. */
  public static List<String> java(Class<?> main, List<String> arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Its file is named by the process id, which in every world is the same few numbers.
    command.add("-XX:-UsePerfData");
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    // What was set later, as the build does for tests, is not among them.
    for (var name : new TreeSet<>(System.getProperties().stringPropertyNames())) {
      if (name.startsWith("tidelog.")) {
        command.add("-D" + name + "=" + System.getProperty(name));
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return command;
  }

  /**
   * The network of the run.
   *
   * @param isInside whether this process was started through {@link #entrance}
   */
  public static Network network(boolean isInside) throws IOException {
    return isInside ? new NamespaceNetwork() : new LoopbackNetwork();
  }
}
