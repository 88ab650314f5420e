package io.tidelog.benchmarks.side;

import io.tidelog.benchmarks.side.Workload.Scale;
import io.tidelog.chaos.cluster.Cluster;
import io.tidelog.chaos.cluster.KafkaCluster;
import io.tidelog.chaos.cluster.Shape;
import io.tidelog.chaos.cluster.TidelogCluster;
import io.tidelog.chaos.world.Network;
import io.tidelog.chaos.world.Server;
import io.tidelog.chaos.world.Worlds;
import io.tidelog.hot.runtime.HotTierSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.IntUnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartitionInfo;

/** Three nodes of each kind on this machine, every record on all of them. */
final class ClusterWorkloads {

  private static final String TOPIC = "load";
  private static final int NODES = 3;
  private static final int PARTITIONS = 6;
  private static final int IN_FLIGHT = 5;
  private static final double GIB = 1 << 30;
  private static final double QUIET_CORES = 0.1;
  private static final Duration GLANCE = Duration.ofSeconds(2);

  /** As the scripts of both start a node. */
  private static final List<String> KAFKA_FLAGS = List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC");

  /** The defaults, where clusters that are to be broken have others. */
  private static final Map<String, String> TIDELOG_SETTINGS =
      Map.of(
          HotTierSettings.SEGMENT_BYTES.name(), HotTierSettings.SEGMENT_BYTES.defaultText(),
          HotTierSettings.SEGMENT_MS.name(), HotTierSettings.SEGMENT_MS.defaultText(),
          HotTierSettings.LOCAL_MAX_BYTES.name(), HotTierSettings.LOCAL_MAX_BYTES.defaultText());

  private ClusterWorkloads() {}

  /**
   * @param warmUpRequests on each partition, as {@code countedRequests}
   */
  record ClusterLoad(Requests.Batch batch, int warmUpRequests, int countedRequests) {}

  /**
   * @param place where, and which of the two; no server of its own is started
   */
  static Figures produce(ServerProcess place, Scale scale, ClusterLoad wanted)
      throws IOException, InterruptedException {
    try (var network = Worlds.network(false);
        var cluster = cluster(place, network)) {
      cluster.start(line -> {});
      var ports = createTopic(cluster.bootstrap());
      var load = new ProduceLoad(TOPIC, PARTITIONS, IN_FLIGHT, wanted.batch());
      load.run(ports, (long) scale.count(wanted.warmUpRequests()));
      awaitQuiet(cluster.nodes());

      long from = System.nanoTime();
      double before = cpuSeconds(cluster.nodes());
      double etcdBefore = cpuSeconds(cluster.etcd());
      var machine = ProcStat.of(ProcessHandle.current().pid());
      long requests = load.run(ports, (long) scale.count(wanted.countedRequests()));
      double after = cpuSeconds(cluster.nodes());
      double seconds = Steps.secondsSince(from);
      var machineAfter = ProcStat.of(ProcessHandle.current().pid());
      double gib = requests * (double) wanted.batch().valueBytes() * wanted.batch().records() / GIB;
      var figures = new Figures();
      figures.add("CPU s of all nodes per GiB", (after - before) / gib);
      figures.add("CPU s of etcd per GiB", (cpuSeconds(cluster.etcd()) - etcdBefore) / gib);
      figures.add("machine CPU s per GiB", machineAfter.machineSecondsSince(machine) / gib);
      figures.add("GiB/s", gib / seconds);
      awaitQuiet(cluster.nodes());
      figures.add(
          "CPU s of all nodes per GiB, offloading included",
          (cpuSeconds(cluster.nodes()) - before) / gib);
      return figures;
    }
  }

  private static Cluster cluster(ServerProcess place, Network network) throws IOException {
    Path folder = place.folder();
    return switch (place.kind()) {
      case KAFKA -> new KafkaCluster(network, folder, NODES, KAFKA_FLAGS);
      case TIDELOG ->
          new TidelogCluster(
              network,
              folder,
              new TidelogCluster.Wish(new Shape(NODES, 0, true), TIDELOG_SETTINGS, Map.of(), 0));
    };
  }

  /** Gives the port of the node that clients send a partition's records to. */
  private static IntUnaryOperator createTopic(String bootstrap)
      throws IOException, InterruptedException {
    try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      var topic = new NewTopic(TOPIC, PARTITIONS, (short) NODES);
      admin.createTopics(List.of(topic.configs(Map.of("min.insync.replicas", "2")))).all().get();
      long end = System.nanoTime() + Steps.PATIENCE.toNanos();
      var partitions = partitions(admin);
      while (partitions.stream()
          .anyMatch(one -> one.leader() == null || one.isr().size() < NODES)) {
        if (System.nanoTime() > end) {
          throw new IllegalStateException("the partitions are not led and in sync");
        }
        partitions = partitions(admin);
      }
      var ports = partitions.stream().mapToInt(one -> one.leader().port()).toArray();
      return partition -> ports[partition];
    } catch (ExecutionException e) {
      throw new IOException("no topic", e.getCause());
    }
  }

  private static List<TopicPartitionInfo> partitions(Admin admin)
      throws ExecutionException, InterruptedException {
    var described = admin.describeTopics(List.of(TOPIC)).allTopicNames().get();
    return described.values().iterator().next().partitions();
  }

  private static double cpuSeconds(List<Server> servers) throws IOException {
    double sum = 0;
    for (var server : servers) {
      sum += ProcStat.of(server.pid()).cpuSeconds();
    }
    return sum;
  }

  private static void awaitQuiet(List<Server> nodes) throws IOException {
    long end = System.nanoTime() + Steps.PATIENCE.toNanos();
    double before = cpuSeconds(nodes);
    while (System.nanoTime() < end) {
      Steps.sleep(GLANCE);
      double after = cpuSeconds(nodes);
      if (after - before < nodes.size() * QUIET_CORES * GLANCE.toMillis() / 1e3) {
        return;
      }
      before = after;
    }
    throw new IllegalStateException("the nodes did not come to rest");
  }
}
