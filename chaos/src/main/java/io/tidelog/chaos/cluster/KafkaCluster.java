package io.tidelog.chaos.cluster;

import io.tidelog.chaos.world.Host;
import io.tidelog.chaos.world.Network;
import io.tidelog.chaos.world.Port;
import io.tidelog.chaos.world.Programs;
import io.tidelog.chaos.world.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Apache Kafka nodes, each broker and controller, with Kafka's own defaults but for what makes a
 * cluster of three keep what it acknowledged: two in-sync replicas.
 */
public final class KafkaCluster implements Cluster {

  /** Folder of Kafka's jars, see {@code compat/kafka}. */
  public static final String LIB_PROPERTY = "tidelog.kafka.lib";

  private static final String CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qg";
  private static final int CLIENT_PORT = 9092;
  private static final int CONTROLLER_PORT = 9093;

  private final List<Server> nodes = new ArrayList<>();
  private final Map<Host, Port> clientPorts = new LinkedHashMap<>();
  private final Path lib;
  private final List<String> javaFlags;
  private final AdminRoles roles;

  /** Enough for nodes that are to be broken, several of them on a small machine. */
  public static final List<String> SMALL_FLAGS = List.of("-Xmx384m", "-XX:+UseSerialGC");

  /**
   * @param count of nodes, an odd number
   * @param javaFlags of each node
   * @throws IOException when Kafka is not there
   */
  public KafkaCluster(Network network, Path folder, int count, List<String> javaFlags)
      throws IOException {
    this.javaFlags = List.copyOf(javaFlags);
    var property = System.getProperty(LIB_PROPERTY);
    if (property == null || !Files.isDirectory(Path.of(property))) {
      throw new IOException(
          "no Apache Kafka at " + property + "; fetch it with: mvn -f compat/kafka package");
    }
    lib = Path.of(property);
    var controllerPorts = new LinkedHashMap<Host, Port>();
    for (int id = 1; id <= count; id++) {
      var host = network.add("kafka-" + id);
      clientPorts.put(host, network.port(host, CLIENT_PORT));
      controllerPorts.put(host, network.port(host, CONTROLLER_PORT));
    }
    int id = 1;
    for (var host : clientPorts.keySet()) {
      nodes.add(node(network, host, folder.resolve(host.name()), id++, controllerPorts));
    }
    roles =
        new AdminRoles(
            bootstrap(), nodeId -> nodeId >= 1 && nodeId <= count ? nodes.get(nodeId - 1) : null);
  }

  private Server node(
      Network network, Host host, Path folder, int id, Map<Host, Port> controllerPorts)
      throws IOException {
    Files.createDirectories(folder);
    int replicas = clientPorts.size();
    var client = portOf(host, clientPorts);
    var controller = portOf(host, controllerPorts);
    var settings =
        Files.writeString(
            folder.resolve("server.properties"),
            """
            process.roles=broker,controller
            node.id=%d
            controller.quorum.voters=%s
            listeners=PLAINTEXT://%s:%d,CONTROLLER://%s:%d
            advertised.listeners=PLAINTEXT://%s:%d
            controller.listener.names=CONTROLLER
            listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
            log.dirs=%s
            default.replication.factor=%d
            min.insync.replicas=%d
            offsets.topic.replication.factor=%d
            offsets.topic.num.partitions=6
            transaction.state.log.replication.factor=%d
            transaction.state.log.min.isr=1
            share.coordinator.state.topic.replication.factor=%d
            share.coordinator.state.topic.min.isr=1
            group.initial.rebalance.delay.ms=0
            auto.create.topics.enable=false
            log.retention.check.interval.ms=5000
            """
                .formatted(
                    id,
                    voters(controllerPorts),
                    host.address(),
                    client.inside(),
                    host.address(),
                    controller.inside(),
                    host.address(),
                    client.outside(),
                    folder.resolve("disk"),
                    replicas,
                    Math.min(2, replicas),
                    replicas,
                    replicas,
                    replicas));
    Files.writeString(
        folder.resolve("log4j2.properties"),
        """
        rootLogger.level=warn
        rootLogger.appenderRef.out.ref=OUT
        appender.out.type=Console
        appender.out.name=OUT
        appender.out.layout.type=PatternLayout
        appender.out.layout.pattern=%d %p %c{1} %m%n
        """);
    var command = new ArrayList<>(java(folder));
    command.addAll(List.of("kafka.Kafka", settings.toString()));
    return new Server(network, host, command, Map.of(), folder);
  }

  private static String voters(Map<Host, Port> controllerPorts) {
    var voters = new ArrayList<String>();
    controllerPorts.forEach(
        (each, port) ->
            voters.add((voters.size() + 1) + "@" + each.address() + ":" + port.outside()));
    return String.join(",", voters);
  }

  private static Port portOf(Host host, Map<Host, Port> ports) {
    var port = ports.get(host);
    if (port == null) {
      throw new IllegalArgumentException("no port of " + host);
    }
    return port;
  }

  private List<String> java(Path folder) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(javaFlags);
    command.add("-Dlog4j2.configurationFile=" + folder.resolve("log4j2.properties"));
    command.addAll(List.of("-cp", lib + "/*"));
    return command;
  }

  @Override
  public String title() {
    return "Apache Kafka 4.3.1";
  }

  @Override
  public String bootstrap() {
    return clientPorts.entrySet().stream()
        .map(each -> each.getKey().address() + ":" + each.getValue().outside())
        .collect(Collectors.joining(","));
  }

  @Override
  public List<Server> nodes() {
    return nodes;
  }

  @Override
  public List<Server> gateways() {
    return List.of();
  }

  @Override
  public List<Server> etcd() {
    return List.of();
  }

  @Override
  public @Nullable Server objectStore() {
    return null;
  }

  @Override
  public Path disk(Server node) {
    return node.folder().resolve("disk");
  }

  @Override
  public void prepareDisk(Server node) throws IOException {
    var format = new ArrayList<>(java(node.folder()));
    format.addAll(
        List.of(
            "kafka.tools.StorageTool",
            "format",
            "--cluster-id",
            CLUSTER_ID,
            "--config",
            node.folder().resolve("server.properties").toString()));
    Programs.runOrThrow(format, "");
  }

  @Override
  public Map<String, Path> copies() {
    return Map.of();
  }

  @Override
  public long coldLoads() {
    return 0;
  }

  @Override
  public @Nullable Server smallDisk() {
    return null;
  }

  @Override
  public void start(Consumer<String> progress) throws IOException {
    progress.accept("formatting disks ...");
    prepareDisks();
    progress.accept("starting nodes ...");
    for (var node : nodes) {
      node.start();
    }
    Readiness.await(
        nodes.getFirst(),
        () -> AdminRoles.get(roles.admin().describeCluster().nodes()).size() == nodes.size());
  }

  /** All at once: most of it is the start of a virtual machine. */
  private void prepareDisks() throws IOException {
    try (var each = Executors.newVirtualThreadPerTaskExecutor()) {
      var all = nodes.stream().map(node -> each.submit(() -> prepare(node))).toList();
      for (var one : all) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("a disk cannot be formatted", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private @Nullable Void prepare(Server node) throws IOException {
    prepareDisk(node);
    return null;
  }

  @Override
  public boolean isServing(Server node) throws IOException {
    var port = clientPorts.get(node.host());
    return port != null && Readiness.isListening(node.host().address(), port.inside());
  }

  @Override
  public Roles roles() {
    return roles;
  }

  @Override
  public void close() throws IOException {
    roles.close();
    for (var node : nodes) {
      node.close();
    }
  }
}
