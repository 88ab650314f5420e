package io.tidelog.simulation.cluster;

import io.tidelog.cold.collect.CollectConfig;
import io.tidelog.cold.collect.ObjectCollector;
import io.tidelog.cold.offload.ColdKeys;
import io.tidelog.cold.offload.OffloadConfig;
import io.tidelog.cold.offload.OffloadRuntime;
import io.tidelog.simulation.log.VirtualTime;
import java.util.Random;
import java.util.concurrent.Executor;

/**
 * The product's cold tier in one process of the cluster, from its start to its death: offloads what
 * is led there, and collects, on threads of the simulation.
 */
final class NodeColdTier {

  private static final OffloadConfig OFFLOAD =
      new OffloadConfig(2_048, 2, 60, 20, 500, 60_000, 1 << 20);
  private static final CollectConfig COLLECT = new CollectConfig(1_000, 1_000, 7, 1_000);

  private static final int USUAL_MS = 10;
  private static final int SLOW_MS = 800;

  private NodeColdTier() {}

  /**
   * Starts it; it ends with the node's life.
   *
   * @param random of this process alone
   */
  static void start(
      VirtualTime time, ClusterNode node, SimBucket bucket, Random random, ClusterMutant mutant) {
    var life = node.life();
    var clock = node.clock();
    var lane =
        new NodeLane(
            time.lane(life, 50_000),
            clock,
            failure -> {
              throw failure;
            });
    Executor blocking =
        task -> {
          int mostMs = random.nextInt(8) == 0 ? SLOW_MS : USUAL_MS;
          time.afterMs(random.nextInt(mostMs), life, task);
        };
    var source = new LedHere(node, mutant);
    var keys = new ColdKeys("", "simulated", random);
    var offload = new OffloadRuntime(source, bucket, keys, OFFLOAD, lane, blocking, clock, random);
    offload.start();
    new ObjectCollector(source, bucket, keys, COLLECT, offload, lane, blocking, clock).start();
  }
}
