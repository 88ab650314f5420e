package io.tidelog.chaos.cluster;

import io.tidelog.chaos.world.Host;
import io.tidelog.chaos.world.Network;
import io.tidelog.chaos.world.Programs;
import io.tidelog.chaos.world.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tidelog with three etcd, hot nodes, gateways and an S3 server. Node ids are given: hot nodes from
 * 1, gateways from {@link #FIRST_GATEWAY}.
 */
public final class TidelogCluster implements Cluster {

  static final String PREFIX = "/tidelog/";
  static final int FIRST_GATEWAY = 101;

  private static final String COLD_LOADS = "tidelog_cold_read_loads_total";
  private static final int START_ATTEMPTS = 3;
  private static final int CLIENT_PORT = 9092;
  private static final int INTERNAL_PORT = 9192;
  private static final int REPLICATION_PORT = 9292;
  private static final int ADMIN_PORT = 8080;

  /** What a run offloads and replicates must reach this in minutes, not days. */
  private static final Map<String, String> SMALL =
      Map.of(
          "tidelog.segment.bytes", "4194304",
          "tidelog.segment.ms", "5000",
          "tidelog.local.max.bytes", "201326592",
          // All that is older is read from the object store.
          "log.local.retention.bytes", "65536",
          "offsets.topic.num.partitions", "6");

  private final Network network;
  private final Path folder;
  private final Shape shape;
  private final Map<String, String> settings;
  private final Etcd etcd;
  private final S3Proxy s3;
  private final List<Server> hot = new ArrayList<>();
  private final List<Server> gateways = new ArrayList<>();
  private final Map<Host, String> clientAddresses = new LinkedHashMap<>();
  private final Map<Server, Integer> adminPorts = new LinkedHashMap<>();
  private final TidelogRoles roles;
  private final @Nullable Server smallDisk;

  /**
   * @param settings of every node, more than and instead of the usual ones
   * @param advertised what each gateway tells its clients, by its machine's name; empty for where
   *     other machines reach it
   * @param smallDiskBytes of the last hot node's disk, which is in memory then; 0 for none
   */
  public record Wish(
      Shape shape,
      Map<String, String> settings,
      Map<String, String> advertised,
      long smallDiskBytes) {

    public Wish {
      settings = Map.copyOf(settings);
      advertised = Map.copyOf(advertised);
    }
  }

  public TidelogCluster(Network network, Path folder, Wish wish) throws IOException {
    this.network = network;
    this.folder = folder;
    this.shape = wish.shape();
    this.settings = wish.settings();
    etcd = new Etcd(network, folder, shape.etcd());
    s3 = new S3Proxy(network, folder);
    for (int i = 1; i <= shape.hot(); i++) {
      var role = shape.isCombined() ? "gateway,hot" : "hot";
      hot.add(node(network.add("hot-" + i), i, role, wish.advertised()));
    }
    for (int i = 1; i <= shape.gateways(); i++) {
      gateways.add(
          node(network.add("gateway-" + i), FIRST_GATEWAY + i - 1, "gateway", wish.advertised()));
    }
    smallDisk = wish.smallDiskBytes() > 0 ? hot.getLast() : null;
    if (smallDisk != null) {
      mountSmallDisk(disk(smallDisk), wish.smallDiskBytes());
    }
    roles = new TidelogRoles(etcd, bootstrap(), hot, gateways);
  }

  /** In memory: what a full disk does is asked of it, not what a power cut does. */
  private static void mountSmallDisk(Path disk, long bytes) throws IOException {
    Files.createDirectories(disk);
    Programs.runOrThrow(
        List.of("mount", "-t", "tmpfs", "-o", "size=" + bytes, "tidelog-disk", disk.toString()),
        "");
  }

  private Server node(Host host, int id, String nodeRoles, Map<String, String> advertised)
      throws IOException {
    var own = folder.resolve(host.name());
    Files.createDirectories(own);
    var all = new TreeMap<>(SMALL);
    all.put("process.roles", nodeRoles);
    all.put("node.id", Integer.toString(id));
    all.put("broker.rack", "zone-" + (id % 3));
    all.put("tidelog.etcd.endpoints", etcd.endpoints());
    all.put("tidelog.etcd.prefix", PREFIX);
    all.put("tidelog.listener.unprotected.enable", "true");
    var internal = network.port(host, INTERNAL_PORT);
    all.put("tidelog.internal.host", host.address());
    all.put("tidelog.internal.port", Integer.toString(internal.inside()));
    all.put("tidelog.internal.advertised", host.address() + ":" + internal.outside());
    int admin = network.port(host, ADMIN_PORT).inside();
    all.put("tidelog.admin.port", Integer.toString(admin));
    all.put("tidelog.object.store", "s3://" + S3Proxy.BUCKET + "/cluster");
    all.put("tidelog.s3.endpoint", s3.endpoint());
    all.put("log.dir", own.resolve("disk").toString());
    int replicas = Math.min(3, shape.hot());
    all.put("default.replication.factor", Integer.toString(replicas));
    all.put("offsets.topic.replication.factor", Integer.toString(replicas));
    all.put("min.insync.replicas", Integer.toString(Math.min(2, replicas)));
    if (nodeRoles.contains("hot")) {
      var replication = network.port(host, REPLICATION_PORT);
      all.put("tidelog.replication.host", host.address());
      all.put("tidelog.replication.port", Integer.toString(replication.inside()));
      all.put("tidelog.replication.advertised", host.address() + ":" + replication.outside());
    }
    if (nodeRoles.contains("gateway")) {
      var client = network.port(host, CLIENT_PORT);
      var address = host.address() + ":" + client.outside();
      clientAddresses.put(host, address);
      all.put("listeners", "PLAINTEXT://" + host.address() + ":" + client.inside());
      all.put(
          "advertised.listeners", "PLAINTEXT://" + advertised.getOrDefault(host.name(), address));
    }
    all.putAll(settings);
    var file =
        Files.writeString(
            own.resolve("node.properties"),
            all.entrySet().stream()
                .map(each -> each.getKey() + "=" + each.getValue() + "\n")
                .collect(Collectors.joining()));
    var command = new ArrayList<>(NodeCommand.get());
    command.addAll(List.of("start", "--config", file.toString()));
    var environment = Map.of("AWS_ACCESS_KEY_ID", "chaos", "AWS_SECRET_ACCESS_KEY", "chaos");
    var server = new Server(network, host, command, environment, own);
    adminPorts.put(server, admin);
    return server;
  }

  @Override
  public String title() {
    return "Tidelog";
  }

  @Override
  public String bootstrap() {
    return String.join(",", clientAddresses.values());
  }

  /** Where clients of each gateway connect, by its machine's name. */
  public Map<String, String> clientAddresses() {
    var byName = new LinkedHashMap<String, String>();
    clientAddresses.forEach((host, address) -> byName.put(host.name(), address));
    return byName;
  }

  @Override
  public List<Server> nodes() {
    return hot;
  }

  @Override
  public List<Server> gateways() {
    return gateways;
  }

  @Override
  public List<Server> etcd() {
    return etcd.members();
  }

  @Override
  public Server objectStore() {
    return s3.server();
  }

  @Override
  public Path disk(Server node) {
    return node.folder().resolve("disk");
  }

  @Override
  public void prepareDisk(Server node) {}

  @Override
  public @Nullable Server smallDisk() {
    return smallDisk;
  }

  @Override
  public Map<String, Path> copies() {
    return hot.stream().collect(Collectors.toMap(Server::name, node -> disk(node).resolve("logs")));
  }

  /** Whoever speaks to clients reads for them. */
  @Override
  public long coldLoads() throws IOException {
    double loads = 0;
    for (var server : shape.isCombined() ? hot : gateways) {
      var port = adminPorts.get(server);
      if (server.isRunning() && port != null) {
        loads += Metrics.read(network, server.host(), port, COLD_LOADS);
      }
    }
    return (long) loads;
  }

  @Override
  public void start(Consumer<String> progress) throws IOException {
    progress.accept("starting etcd ...");
    etcd.start();
    progress.accept("starting the S3 server ...");
    s3.start();
    var all = new ArrayList<>(hot);
    all.addAll(gateways);
    for (var node : all) {
      node.start();
    }
    for (var node : all) {
      progress.accept("waiting for " + node.name() + " ...");
      await(node, progress);
    }
  }

  /** One that gives up is started again, as a supervisor would: etcd may be slow at first. */
  private void await(Server node, Consumer<String> progress) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        Readiness.await(node, () -> isServing(node));
        return;
      } catch (IOException e) {
        if (attempt == START_ATTEMPTS || node.isRunning()) {
          throw e;
        }
        progress.accept(e.getMessage() + "\nstarting it again");
        node.start();
      }
    }
  }

  @Override
  public boolean isServing(Server server) throws IOException {
    if (etcd.members().contains(server)) {
      return etcd.isHealthy(server);
    }
    return server == s3.server() ? s3.isListening() : server.hasWritten(NodeCommand.READY);
  }

  @Override
  public Roles roles() {
    return roles;
  }

  @Override
  public void close() throws IOException {
    roles.close();
    for (var server : servers()) {
      server.close();
    }
    if (smallDisk != null) {
      Programs.runOrThrow(List.of("umount", disk(smallDisk).toString()), "");
    }
  }
}
