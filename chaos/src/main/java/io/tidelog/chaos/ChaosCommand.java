package io.tidelog.chaos;

import io.tidelog.chaos.client.Workload;
import io.tidelog.chaos.cluster.Cluster;
import io.tidelog.chaos.cluster.KafkaCluster;
import io.tidelog.chaos.cluster.Shape;
import io.tidelog.chaos.cluster.TidelogCluster;
import io.tidelog.chaos.fault.Disks;
import io.tidelog.chaos.fault.FaultKind;
import io.tidelog.chaos.world.Network;
import io.tidelog.chaos.world.Worlds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Status 0 when the cluster kept every promise, 1 when not, 2 for wrong arguments. */
@Command(
    name = "chaos",
    description = {
      "Start a cluster of real processes, let clients use it, break it as a seed says, heal it,",
      "read everything, and say which promises were broken, with the place in the histories."
    })
final class ChaosCommand implements Callable<Integer> {

  /** What is broken. */
  enum Against {
    tidelog,
    kafka
  }

  private static final long SMALL_DISK_BYTES = 256L * 1024 * 1024;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "how long clients work (default ${DEFAULT-VALUE})")
  int seconds = 60;

  @Option(
      names = "--seed",
      paramLabel = "X",
      description = "chooses faults, targets and what clients do (default ${DEFAULT-VALUE})")
  long seed = 1;

  @Option(
      names = "--workload",
      paramLabel = "W",
      split = ",",
      description = "some of ${COMPLETION-CANDIDATES} (default: all that the cluster has)")
  List<Workload> workloads = List.of();

  @Option(
      names = "--against",
      paramLabel = "CLUSTER",
      description = "one of ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE})")
  Against against = Against.tidelog;

  @Option(
      names = "--faults",
      paramLabel = "F",
      split = ",",
      description = "some of the faults, such as kill-leader,isolate-leader; none for none at all")
  List<String> faults = List.of();

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "nodes that hold records (default ${DEFAULT-VALUE})")
  int nodes = 3;

  @Option(
      names = "--idle-partitions",
      paramLabel = "N",
      description = "of topics that nobody uses, created first (default ${DEFAULT-VALUE})")
  int idlePartitions = 0;

  @Option(
      names = "--combined",
      description = "every node is a gateway as well, instead of two gateways beside them")
  boolean isCombined;

  @Option(
      names = "--loopback",
      description = "relays on loopback although there could be network namespaces")
  boolean isOnLoopback;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "folder for everything, kept (default: a temporary one, kept when it failed)")
  @Nullable Path dir;

  @Option(names = Worlds.INSIDE, hidden = true)
  boolean isInside;

  @Override
  public Integer call() throws IOException {
    if (!isInside && !isOnLoopback) {
      var entrance = Worlds.entrance();
      if (entrance.isPresent()) {
        return ChaosMain.runInside(entrance.get());
      }
      System.err.println(Worlds.whatIsMissing());
    }
    return run();
  }

  private int run() throws IOException {
    var folder = dir == null ? Files.createTempDirectory("tidelog-chaos") : dir.toAbsolutePath();
    Files.createDirectories(folder);
    boolean isFine = false;
    var end = new OrderlyEnd();
    try (var network = Worlds.network(isInside);
        var cluster = cluster(network, folder)) {
      var run =
          new ChaosRun(
              network,
              cluster,
              folder,
              new ChaosRun.Wish(seed, seconds * 1_000L, workloads(), faults(), idlePartitions),
              new Progress(System.out));
      var report = run.run();
      isFine = report.isFine();
      System.out.println();
      System.out.print(report.text());
      Files.writeString(folder.resolve("report.txt"), report.text());
    } finally {
      end.close();
    }
    if (isFine && dir == null) {
      Disks.wipe(folder);
      Files.delete(folder);
    } else {
      System.out.println("Histories, outputs and this report are in " + folder);
    }
    return isFine ? 0 : 1;
  }

  private Cluster cluster(Network network, Path folder) throws IOException {
    if (against == Against.kafka) {
      return new KafkaCluster(network, folder, nodes, KafkaCluster.SMALL_FLAGS);
    }
    var shape = isCombined ? new Shape(nodes, 0, true) : new Shape(nodes, 2, false);
    long smallDisk = network.isApart() ? SMALL_DISK_BYTES : 0;
    return new TidelogCluster(
        network, folder, new TidelogCluster.Wish(shape, Map.of(), Map.of(), smallDisk));
  }

  private List<Workload> workloads() {
    if (!workloads.isEmpty()) {
      return workloads;
    }
    return Arrays.stream(Workload.values())
        // Kafka has no delay topics.
        .filter(workload -> against == Against.tidelog || workload != Workload.W7)
        .filter(workload -> nodes > 1 || workload != Workload.W10)
        .toList();
  }

  private List<FaultKind> faults() {
    if (faults.isEmpty()) {
      return List.of(FaultKind.values());
    }
    return faults.stream()
        .filter(word -> !word.equals("none"))
        .map(word -> FaultKind.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_')))
        .toList();
  }
}
