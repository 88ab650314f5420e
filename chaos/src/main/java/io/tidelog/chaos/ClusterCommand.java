package io.tidelog.chaos;

import io.tidelog.chaos.cluster.Shape;
import io.tidelog.chaos.fault.Disks;
import io.tidelog.chaos.world.ControlSocket;
import io.tidelog.chaos.world.PidFile;
import io.tidelog.chaos.world.Relay;
import io.tidelog.chaos.world.Worlds;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A cluster on this machine, for trying and for tests; it lives as long as its first process. */
@Command(
    name = "cluster",
    description = {
      "Run a cluster on this machine: three etcd, three hot nodes, two gateways, an S3 server.",
      "start runs it until Ctrl-C or stop; the others, in another terminal, break and mend it."
    })
final class ClusterCommand implements Callable<Integer> {

  private static final long END_TIMEOUT_S = 60;

  /** What can be asked for. */
  enum Action {
    start,
    status,
    kill,
    pause,
    resume,
    isolate,
    heal,
    stop
  }

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "ACTION",
      description = "one of ${COMPLETION-CANDIDATES} (default: start)")
  Action action = Action.start;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "the server it is about, such as hot-1; start NAME starts one that was killed")
  @Nullable String name;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "folder of its data (default ${DEFAULT-VALUE})")
  Path dir = Path.of("data", "cluster");

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "port of the first gateway on localhost (default ${DEFAULT-VALUE})")
  int port = 19_092;

  @Option(
      names = "--hot",
      paramLabel = "N",
      description = "nodes that hold records (default ${DEFAULT-VALUE})")
  int hot = 3;

  @Option(
      names = "--gateways",
      paramLabel = "N",
      description = "nodes that only speak to clients (default 2, none with --combined)")
  @Nullable Integer gateways;

  @Option(names = "--combined", description = "every hot node is a gateway as well")
  boolean isCombined;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "a setting of every node; may be repeated")
  Map<String, String> settings = Map.of();

  @Option(names = Worlds.INSIDE, hidden = true)
  boolean isInside;

  @Override
  public Integer call() throws Exception {
    var folder = new ClusterFolder(dir.toAbsolutePath().normalize());
    if (action == Action.stop) {
      return stop(folder);
    }
    if (action == Action.start && name == null) {
      return isInside ? runInside(folder) : start(folder);
    }
    var needsName = action != Action.status && action != Action.heal;
    if (needsName && name == null) {
      throw new IOException("which server? ./tidelog cluster " + action + " NAME");
    }
    System.out.print(
        ControlSocket.ask(folder.control(), name == null ? action.name() : action + " " + name));
    return 0;
  }

  private Shape shape() {
    int count = gateways == null ? (isCombined ? 0 : 2) : gateways;
    return new Shape(hot, count, isCombined);
  }

  /** Of this machine's loopback, for clients: by the gateway they lead to. */
  private Map<String, Integer> clientPorts() {
    var shape = shape();
    Map<String, Integer> ports = new LinkedHashMap<>();
    for (int i = 1; shape.isCombined() && i <= shape.hot(); i++) {
      ports.put("hot-" + i, port + ports.size());
    }
    for (int i = 1; i <= shape.gateways(); i++) {
      ports.put("gateway-" + i, port + ports.size());
    }
    return ports;
  }

  private int start(ClusterFolder folder) throws Exception {
    var running = folder.runningStarter();
    if (running.isPresent()) {
      throw new IOException(
          "a cluster runs in %s already, process %d; end it: ./tidelog cluster stop --dir %s"
              .formatted(folder.folder(), running.get().pid(), dir));
    }
    checkPorts();
    endServers(folder);
    folder.forget();
    var sockets = folder.makeSockets();
    PidFile.write(folder.starter(), ProcessHandle.current());
    var entrance = Worlds.entrance();
    try {
      if (entrance.isPresent()) {
        return runWorld(entrance.get(), sockets);
      }
      System.err.println(Worlds.whatIsMissing());
      // Ports differ each time, and etcd remembers them.
      wipeServers(folder);
      return runInside(folder);
    } finally {
      folder.forget();
    }
  }

  private void checkPorts() throws IOException {
    for (var each : clientPorts().entrySet()) {
      try (var probe = new ServerSocket(each.getValue(), 1, InetAddress.getLoopbackAddress())) {
        boolean unused = probe.isBound();
      } catch (IOException e) {
        throw new IOException(
            "port %d of localhost, for %s, is taken; choose others with --port"
                .formatted(each.getValue(), each.getKey()),
            e);
      }
    }
  }

  private static void wipeServers(ClusterFolder folder) throws IOException {
    try (var all = Files.list(folder.folder())) {
      for (var server : all.filter(Files::isDirectory).toList()) {
        Disks.wipe(server);
      }
    }
  }

  /** The cluster in a world of its own, and ways for clients from here to there. */
  private int runWorld(List<String> entrance, Path sockets) throws Exception {
    var relays = new ArrayList<Relay>();
    try {
      for (var each : clientPorts().entrySet()) {
        relays.add(
            Relay.start(
                new InetSocketAddress("127.0.0.1", each.getValue()),
                UnixDomainSocketAddress.of(sockets.resolve(each.getKey()))));
      }
      return ChaosMain.runInside(entrance);
    } finally {
      for (var relay : relays) {
        relay.close();
      }
    }
  }

  private int runInside(ClusterFolder folder) throws IOException {
    var end = new OrderlyEnd();
    try (var network = Worlds.network(isInside);
        var service =
            new ClusterService(
                network, folder.folder(), folder.sockets(), shape(), clientPorts(), settings)) {
      service.run(this::welcome);
      System.out.println("Stopping ...");
    } finally {
      end.close();
    }
    return 0;
  }

  private void welcome() {
    var bootstrap =
        clientPorts().values().stream()
            .map(each -> "127.0.0.1:" + each)
            .collect(Collectors.joining(","));
    var where = dir.equals(Path.of("data", "cluster")) ? "" : " --dir " + dir;
    System.out.printf(
        """

        The cluster is ready.
          Kafka clients   %s
          Data            %s

        Try, in another terminal:
          ./tidelog topics create orders --partitions 3 --bootstrap %s
          ./tidelog cluster status%4$s
          ./tidelog cluster kill hot-1%4$s       kill -9; start hot-1 starts it again
          ./tidelog cluster pause hot-2%4$s      SIGSTOP, until resume hot-2
          ./tidelog cluster isolate hot-3%4$s    no packet from it or to it, until heal hot-3
          ./tidelog cluster heal%4$s             mend everything

        Ctrl-C here, or ./tidelog cluster stop%4$s there, stops it.
        """,
        bootstrap, dir, bootstrap.split(",")[0], where);
    System.out.flush();
  }

  /** Asks it to end, then makes it; in the end nothing of it runs. */
  private int stop(ClusterFolder folder) throws IOException {
    var starter = folder.runningStarter();
    if (starter.isPresent()) {
      try {
        System.out.print(ControlSocket.ask(folder.control(), "stop"));
      } catch (IOException e) {
        // It has not come that far, or is stuck.
        starter.get().destroy();
      }
      await(starter.get());
    }
    boolean hadServers = endServers(folder);
    folder.forget();
    System.out.println(starter.isPresent() || hadServers ? "Stopped." : "No cluster was running.");
    return 0;
  }

  private static void await(ProcessHandle process) throws IOException {
    try {
      var unused = process.onExit().get(END_TIMEOUT_S, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      process.destroyForcibly();
    } catch (ExecutionException e) {
      throw new IOException("cannot wait for process " + process.pid(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Of a cluster on loopback whose starter was killed; whether there were any. */
  private static boolean endServers(ClusterFolder folder) throws IOException {
    var left = folder.servers();
    for (var server : left) {
      server.destroyForcibly();
    }
    return !left.isEmpty();
  }
}
