package io.tidelog.chaos.world;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All machines are this one, and only ports tell them apart. In front of every service stands a
 * {@link Relay}, whose port is what the service advertises; it tells by the process that a
 * connection comes from which machine that is, see {@link SocketOwners}, and holds back the bytes
 * of a direction that is cut, and the word that an end was closed. Once healed they go on, as
 * packets do that TCP sends again. A connection that is made meanwhile is accepted and silent, and
 * closed once healed.
 *
 * <p>Whoever is no machine of the run, as the harness itself, is never cut off.
 */
final class LoopbackNetwork implements Network {

  private static final InetAddress ADDRESS = InetAddress.getLoopbackAddress();

  private final List<Host> hosts = new ArrayList<>();
  private final Set<Integer> given = new HashSet<>();
  private final List<Relay> relays = new ArrayList<>();
  private final Map<ProcessHandle, Host> processes = new ConcurrentHashMap<>();
  private final Map<Direction, Gate> gates = new ConcurrentHashMap<>();

  private record Direction(Host from, Host to) {}

  @Override
  public Host add(String name) {
    var host = new Host(name, ADDRESS.getHostAddress());
    hosts.add(host);
    return host;
  }

  @Override
  public List<Host> hosts() {
    return List.copyOf(hosts);
  }

  @Override
  public List<String> on(Host host, List<String> command) {
    return List.copyOf(command);
  }

  @Override
  public void started(Host host, ProcessHandle process) {
    processes.keySet().removeIf(other -> !other.isAlive());
    processes.put(process, host);
  }

  @Override
  public Port port(Host host, int usual) throws IOException {
    int inside = freePort();
    int outside = freePort();
    relays.add(
        Relay.start(
            new InetSocketAddress(ADDRESS, outside),
            new InetSocketAddress(ADDRESS, inside),
            client -> wire(client, host)));
    return new Port(inside, outside);
  }

  private int freePort() throws IOException {
    while (true) {
      try (var socket = new ServerSocket(0, 1, ADDRESS)) {
        if (given.add(socket.getLocalPort())) {
          return socket.getLocalPort();
        }
      }
    }
  }

  private Wire wire(SocketChannel client, Host to) throws IOException {
    var from = machine(client);
    return from.isEmpty() ? Wire.whole() : new Wire(gate(from.get(), to), gate(to, from.get()));
  }

  private Optional<Host> machine(SocketChannel client) throws IOException {
    if (client.getRemoteAddress() instanceof InetSocketAddress theirs
        && client.getLocalAddress() instanceof InetSocketAddress ours) {
      return SocketOwners.of(theirs, ours, processes.keySet()).map(processes::get);
    }
    return Optional.empty();
  }

  private Gate gate(Host from, Host to) {
    return gates.computeIfAbsent(new Direction(from, to), direction -> new Gate());
  }

  @Override
  public boolean isApart() {
    return false;
  }

  @Override
  public String title() {
    return "loopback, cut by relays";
  }

  @Override
  public void cut(Host from, Collection<Host> to) {
    to.forEach(host -> gate(from, host).shut());
  }

  @Override
  public void heal(Host from, Collection<Host> to) {
    to.forEach(host -> gate(from, host).open());
  }

  @Override
  public void close() throws IOException {
    for (var relay : relays) {
      relay.close();
    }
  }
}
