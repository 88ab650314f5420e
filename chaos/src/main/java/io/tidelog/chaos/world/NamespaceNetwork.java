package io.tidelog.chaos.world;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A bridge with a network namespace for each machine, inside a namespace of our own, see {@link
 * Worlds}. A direction is cut by telling the sender a wrong hardware address for the receiver: its
 * packets leave and reach nobody, as behind a broken cable, on connections there are as well.
 *
 * <p>A namespace is kept by a process that sleeps in it, so that it outlives the servers in it.
 */
final class NamespaceNetwork implements Network {

  /** The first three numbers of every address; the world is closed, so nobody else's are in it. */
  private static final String PREFIX = "10.99.0.";

  private static final String NOBODY = "02:00:00:00:00:fe";
  private static final int FIRST = 10;
  private static final int LAST = 250;
  private static final long HOLDER_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

  private final Map<Host, Process> holders = new LinkedHashMap<>();
  private int next = FIRST;

  /** Needs to be inside a network namespace of our own, with all rights over it. */
  NamespaceNetwork() throws IOException {
    ip(
        List.of("ip"),
        """
        link set lo up
        link add br0 type bridge
        addr add %s1/24 dev br0
        link set br0 up
        """
            .formatted(PREFIX));
  }

  @Override
  public Host add(String name) throws IOException {
    if (next > LAST) {
      throw new IOException("too many machines");
    }
    var host = new Host(name, PREFIX + next);
    var holder = startHolder();
    holders.put(host, holder);
    ip(
        List.of("ip"),
        """
        link add v%1$d type veth peer name eth0 netns %2$d
        link set v%1$d master br0
        link set v%1$d up
        """
            .formatted(next, holder.pid()));
    ip(
        inside(host, List.of("ip")),
        """
        link set lo up
        addr add %s/24 dev eth0
        link set eth0 up
        """
            .formatted(host.address()));
    next++;
    return host;
  }

  private static Process startHolder() throws IOException {
    var holder =
        new ProcessBuilder("unshare", "--net", "sleep", "infinity")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    var ours = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
    var theirs = Path.of("/proc/" + holder.pid() + "/ns/net");
    long deadline = System.nanoTime() + HOLDER_TIMEOUT_NS;
    while (Files.readSymbolicLink(theirs).equals(ours)) {
      if (System.nanoTime() - deadline > 0 || Pause.untilEnd(holder, 5)) {
        throw new IOException("no network namespace was made");
      }
    }
    return holder;
  }

  @Override
  public List<Host> hosts() {
    return List.copyOf(holders.keySet());
  }

  @Override
  public List<String> on(Host host, List<String> command) {
    return inside(host, command);
  }

  /** nsenter becomes the command, so that its process id is the command's. */
  private List<String> inside(Host host, List<String> command) {
    var holder = holders.get(host);
    if (holder == null) {
      throw new IllegalArgumentException("no machine " + host);
    }
    var all = new ArrayList<>(List.of("nsenter", "--net=/proc/" + holder.pid() + "/ns/net", "--"));
    all.addAll(command);
    return all;
  }

  @Override
  public void started(Host host, ProcessHandle process) {}

  @Override
  public Port port(Host host, int usual) {
    return new Port(usual, usual);
  }

  @Override
  public boolean isApart() {
    return true;
  }

  @Override
  public String title() {
    return "namespaces";
  }

  @Override
  public void cut(Host from, Collection<Host> to) throws IOException {
    var lines = new StringBuilder();
    for (var host : to) {
      lines.append(
          "neigh replace %s lladdr %s nud permanent dev eth0%n".formatted(host.address(), NOBODY));
    }
    ip(inside(from, List.of("ip")), lines.toString());
  }

  @Override
  public void heal(Host from, Collection<Host> to) throws IOException {
    for (var host : to) {
      // It fails when there was nothing to heal.
      Programs.run(inside(from, List.of("ip", "neigh", "del", host.address(), "dev", "eth0")));
    }
  }

  private static void ip(List<String> program, String lines) throws IOException {
    var command = new ArrayList<>(program);
    command.addAll(List.of("-batch", "-"));
    Programs.runOrThrow(command, lines);
  }

  @Override
  public void close() {
    holders.values().forEach(holder -> holder.toHandle().destroyForcibly());
  }
}
