package io.tidelog.simulation.cluster;

import io.tidelog.hot.move.MoveLimits;
import io.tidelog.hot.replica.MoveConfig;
import io.tidelog.simulation.replica.SimNetwork;
import io.tidelog.simulation.replica.SimRecordStore;
import java.util.Random;

/**
 * What a seed chooses for a whole run, so that seeds differ in kind and not only in detail.
 *
 * @param sendsEarly clients send to who has taken the lead before its term has begun
 * @param hasColdTier whether what is sealed is offloaded by the product's cold tier; else by an
 *     uploader of the simulation, in which holes may be
 */
record ClusterOptions(
    Shape shape,
    SimNetwork.Badness network,
    SimRecordStore.Badness store,
    Faults faults,
    Moves moves,
    boolean sendsEarly,
    boolean hasColdTier) {

  /**
   * @param syncs whether acknowledged means synced, or written by every member
   * @param isMixed whether every node has another segment size
   * @param delayMs of the first partition
   */
  record Shape(
      int nodes,
      int replicas,
      int minInSync,
      boolean syncs,
      int partitions,
      int producers,
      int segmentBytes,
      boolean isMixed,
      long delayMs,
      boolean offloads,
      long retentionMs) {

    static Shape of(Random random) {
      int replicas = 3 + pick(random, 0, 0, random.nextInt(3));
      return new Shape(
          Math.max(replicas, 3 + random.nextInt(3)),
          replicas,
          pick(random, 2, 2, 1 + random.nextInt(3)),
          random.nextInt(3) != 0,
          1 + random.nextInt(4),
          1 + random.nextInt(4),
          16_384 << random.nextInt(4),
          random.nextInt(4) == 0,
          random.nextInt(3) == 0 ? 100 + random.nextInt(900) : 0,
          random.nextBoolean(),
          random.nextInt(6) == 0 ? 1_000 + random.nextInt(3_000) : -1);
    }
  }

  /**
   * How often what goes wrong, in the whole run; times are anywhere in it.
   *
   * @param strikes at roles: the leader dies just when a replica joins, or has just begun
   * @param driftPpm at most, of each node's clocks
   */
  record Faults(
      int kills,
      int powerCuts,
      int blackouts,
      int wipes,
      int rots,
      int pauses,
      int cuts,
      int clogs,
      int isolations,
      int corruptPercent,
      int fullDisks,
      int failedSyncs,
      int clockSteps,
      long driftPpm,
      int leaseFaults,
      int storeOutages,
      int storeCuts,
      int moves,
      int handOvers,
      int stops,
      int bucketOutages,
      int uploadFailPercent,
      boolean strikes) {

    static final Faults NONE =
        new Faults(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false);

    static Faults of(Random random) {
      return new Faults(
          random.nextInt(5),
          seldom(random, 3),
          random.nextInt(4) == 0 ? 1 : 0,
          seldom(random, 1),
          seldom(random, 2),
          seldom(random, 4),
          random.nextInt(5),
          seldom(random, 3),
          seldom(random, 3),
          random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 0,
          seldom(random, 2),
          seldom(random, 2),
          seldom(random, 3),
          random.nextInt(4) == 0 ? random.nextLong(20_000) : 0,
          seldom(random, 4),
          seldom(random, 2),
          seldom(random, 3),
          seldom(random, 3),
          seldom(random, 6),
          seldom(random, 3),
          seldom(random, 2),
          pick(random, 0, 10, 40),
          random.nextInt(3) == 0);
    }

    private static int seldom(Random random, int most) {
      return random.nextInt(3) == 0 ? 1 + random.nextInt(most) : 0;
    }
  }

  /**
   * Partitions that move between two logs.
   *
   * @param logs 1, and nothing moves, or 2
   * @param begins of moves, at most, while things go wrong
   * @param cancelPercent of them that are taken back after a while
   * @param closeBytes and the next two as {@link MoveConfig} has them
   * @param seed of all that has to do with moves only
   */
  record Moves(
      int logs,
      int begins,
      int cancelPercent,
      long closeBytes,
      int chunkBytes,
      long needsMs,
      long seed) {

    static final Moves NONE = new Moves(1, 0, 0, 0, 0, 0, 0);

    static Moves of(Random random) {
      return new Moves(
          2,
          1 + random.nextInt(12),
          pick(random, 0, 20, 60),
          pick(random, 2_000, 10_000, 1 << 20),
          pick(random, 4_096, 10_000, 1 << 16),
          pick(random, 100, 500, 2_000),
          random.nextLong());
    }

    boolean areWanted() {
      return logs > 1;
    }

    MoveConfig config() {
      var usual = MoveConfig.DEFAULT.limits();
      var limits =
          new MoveLimits(closeBytes, usual.askTimeoutNs() / 4, usual.retryNs(), usual.closedNs());
      return new MoveConfig(limits, 4, chunkBytes, needsMs * 1_000_000);
    }
  }

  /** Every fourth seed has two logs; what it has besides is as if it had one. */
  private static final int WITH_MOVES = 4;

  private static final int WITH_EARLY_CLIENTS = 5;

  /** In every third seed something simpler is in place of the cold tier, which is quicker. */
  private static final int WITHOUT_COLD_TIER = 3;

  static ClusterOptions of(long seed, Random random) {
    var moves = seed % WITH_MOVES == 1 ? Moves.of(new Random(~seed)) : Moves.NONE;
    return new ClusterOptions(
        Shape.of(random),
        new SimNetwork.Badness(
            pick(random, 0, 2, 15), pick(random, 0, 0, 5), pick(random, 0, 1, 8)),
        new SimRecordStore.Badness(pick(random, 0, 5, 30), random.nextInt(3) == 0, false),
        Faults.of(random),
        moves,
        seed % WITH_EARLY_CLIENTS == 2,
        seed % WITHOUT_COLD_TIER != 2);
  }

  private static int pick(Random random, int first, int second, int third) {
    return switch (random.nextInt(3)) {
      case 0 -> first;
      case 1 -> second;
      default -> third;
    };
  }
}
