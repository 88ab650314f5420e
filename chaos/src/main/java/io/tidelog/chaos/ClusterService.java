package io.tidelog.chaos;

import io.tidelog.chaos.cluster.Shape;
import io.tidelog.chaos.cluster.TidelogCluster;
import io.tidelog.chaos.world.ControlSocket;
import io.tidelog.chaos.world.Host;
import io.tidelog.chaos.world.Network;
import io.tidelog.chaos.world.Relay;
import io.tidelog.chaos.world.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * A cluster that runs until it is told to end, and does meanwhile what other processes ask for. All
 * but the start is done by the thread of the control socket.
 */
final class ClusterService implements AutoCloseable {

  private static final long STOP_TIMEOUT_MS = 15_000;

  private final Network network;
  private final TidelogCluster cluster;
  private final Path sockets;
  private final Map<String, Integer> clientPorts;
  private final List<Relay> relays = new ArrayList<>();
  private final Set<Host> isolated = new HashSet<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  /**
   * @param sockets folder for the control socket, and one for each gateway
   * @param clientPorts of this machine's loopback, by gateway
   * @param settings of every node, more than the usual ones
   */
  ClusterService(
      Network network,
      Path folder,
      Path sockets,
      Shape shape,
      Map<String, Integer> clientPorts,
      Map<String, String> settings)
      throws IOException {
    this.network = network;
    this.sockets = sockets;
    this.clientPorts = new LinkedHashMap<>(clientPorts);
    Map<String, String> advertised = new LinkedHashMap<>();
    clientPorts.forEach((gateway, port) -> advertised.put(gateway, "127.0.0.1:" + port));
    cluster =
        new TidelogCluster(
            network, folder, new TidelogCluster.Wish(shape, settings, advertised, 0));
  }

  /** Starts everything; then {@code ready} is said, and this returns when the cluster is to end. */
  void run(Runnable ready) throws IOException {
    for (var each : cluster.clientAddresses().entrySet()) {
      var target = address(each.getValue());
      var port = clientPorts.get(each.getKey());
      if (port == null) {
        throw new IllegalStateException("no port for " + each.getKey());
      }
      // Here for our own clients; through the file system for those outside of this world.
      relays.add(Relay.start(new InetSocketAddress("127.0.0.1", port), target));
      if (network.isApart()) {
        relays.add(Relay.start(UnixDomainSocketAddress.of(sockets.resolve(each.getKey())), target));
      }
    }
    cluster.start(new Progress(System.out));
    var control = ControlSocket.start(sockets.resolve("control"), this::handle);
    try {
      ready.run();
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      control.close();
    }
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(
        text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }

  private String handle(String line) throws IOException {
    var words = line.strip().split(" ");
    var name = words.length > 1 ? words[1] : "";
    return switch (words[0]) {
      case "status" -> status();
      case "stop" -> {
        ended.countDown();
        yield "";
      }
      case "kill" -> {
        cluster.server(name).kill();
        yield name + " killed; start it again: ./tidelog cluster start " + name + "\n";
      }
      case "start" -> {
        cluster.server(name).start();
        yield name + " started\n";
      }
      case "pause" -> {
        cluster.server(name).pause();
        yield name + " paused\n";
      }
      case "resume" -> {
        cluster.server(name).resume();
        yield name + " resumed\n";
      }
      case "isolate" -> isolate(cluster.server(name));
      case "heal" -> heal(name.isEmpty() ? Optional.empty() : Optional.of(cluster.server(name)));
      default -> throw new IOException("what is \"" + line + "\"?");
    };
  }

  private String isolate(Server server) throws IOException {
    var others = cluster.others(server);
    network.cut(server.host(), others);
    for (var other : others) {
      network.cut(other, List.of(server.host()));
    }
    isolated.add(server.host());
    return server.name() + " is cut off from all other servers\n";
  }

  /** Everything, or one server: its network, its pause, its end. */
  private String heal(Optional<Server> one) throws IOException {
    var text = new StringBuilder();
    for (var server : one.map(List::of).orElseGet(cluster::servers)) {
      if (isolated.remove(server.host())) {
        var others = cluster.others(server);
        network.heal(server.host(), others);
        for (var other : others) {
          network.heal(other, List.of(server.host()));
        }
        text.append(server.name()).append(" reaches the others again\n");
      }
      if (server.isPaused()) {
        server.resume();
        text.append(server.name()).append(" resumed\n");
      }
      if (!server.isRunning()) {
        server.start();
        text.append(server.name()).append(" started\n");
      }
    }
    return text.isEmpty() ? "nothing was broken\n" : text.toString();
  }

  private String status() throws IOException {
    var text = new StringBuilder();
    Optional<Server> controller = Optional.empty();
    String whatIsNotKnown = "";
    try {
      controller = cluster.roles().controller();
    } catch (IOException down) {
      // All of etcd may be what was killed.
      whatIsNotKnown = "etcd does not say who is controller: " + down.getMessage() + "\n";
    }
    var etcdLeader = cluster.roles().etcdLeader();
    for (var server : cluster.servers()) {
      var notes = new ArrayList<String>();
      if (controller.filter(server::equals).isPresent()) {
        notes.add("controller");
      }
      if (etcdLeader.filter(server::equals).isPresent()) {
        notes.add("leader of etcd");
      }
      var port = clientPorts.get(server.name());
      if (port != null) {
        notes.add("clients: 127.0.0.1:" + port);
      }
      text.append(
          String.format(
              Locale.ROOT,
              "%-10s %-9s %-15s %s%n",
              server.name(),
              state(server),
              server.host().address(),
              String.join(", ", notes)));
    }
    return text.append(whatIsNotKnown).toString();
  }

  private String state(Server server) {
    if (!server.isRunning()) {
      return "ended";
    }
    if (server.isPaused()) {
      return "paused";
    }
    return isolated.contains(server.host()) ? "cut off" : "running";
  }

  @Override
  public void close() throws IOException {
    for (var relay : relays) {
      relay.close();
    }
    // An interrupt is why we end, and no reason not to wait for the nodes.
    boolean wasInterrupted = Thread.interrupted();
    stopNodes();
    cluster.close();
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void stopNodes() throws IOException {
    var nodes = new ArrayList<>(cluster.gateways());
    nodes.addAll(cluster.nodes());
    for (var node : nodes) {
      boolean unused = node.stop(STOP_TIMEOUT_MS);
    }
  }
}
