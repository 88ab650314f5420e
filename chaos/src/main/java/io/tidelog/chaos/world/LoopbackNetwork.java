package io.tidelog.chaos.world;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** All machines are this one; only ports tell them apart, and nothing can be cut. */
final class LoopbackNetwork implements Network {

  private final List<Host> hosts = new ArrayList<>();
  private final Set<Integer> given = new HashSet<>();

  @Override
  public Host add(String name) {
    var host = new Host(name, "127.0.0.1");
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
  public int port(Host host, int usual) throws IOException {
    while (true) {
      try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        if (given.add(socket.getLocalPort())) {
          return socket.getLocalPort();
        }
      }
    }
  }

  @Override
  public boolean canCut() {
    return false;
  }

  @Override
  public void cut(Host from, Collection<Host> to) throws IOException {
    throw new IOException("nothing can be cut off on loopback; this needs network namespaces");
  }

  @Override
  public void heal(Host from, Collection<Host> to) {}

  @Override
  public void close() {}
}
