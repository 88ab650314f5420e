package io.tidelog.simulation.replica;

import java.util.Random;

/**
 * What a seed chooses for a whole run.
 *
 * @param syncs whether acknowledged means synced, or written by every member
 * @param lossPercent of messages
 * @param stragglerPercent of messages that come long after any timeout
 * @param strikesAtJoin the leader is lost, and the one that joins is cut off, when a replica joins
 * @param storePercent of calls of the record store that fail, before or after they are carried out
 */
record ReplicaOptions(
    int nodes,
    int replicas,
    int minInSync,
    boolean syncs,
    int lossPercent,
    int repeatPercent,
    int stragglerPercent,
    int storePercent,
    boolean readsStale,
    int kills,
    int powerCuts,
    int blackouts,
    int wipes,
    int pauses,
    int cuts,
    int moves,
    boolean storeOutage,
    int handOvers,
    boolean strikesAtJoin) {

  static ReplicaOptions of(Random random) {
    int nodes = 3 + random.nextInt(3);
    int replicas = random.nextInt(6) == 0 ? 2 : 3;
    return new ReplicaOptions(
        nodes,
        replicas,
        random.nextInt(4) == 0 ? 1 : 2,
        random.nextInt(3) != 0,
        pick(random, 0, 2, 15),
        pick(random, 0, 0, 5),
        pick(random, 0, 1, 8),
        pick(random, 0, 5, 30),
        random.nextInt(3) == 0,
        random.nextInt(5),
        random.nextInt(4),
        random.nextInt(3) == 0 ? 1 : 0,
        random.nextInt(2),
        random.nextInt(4),
        random.nextInt(6),
        random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0,
        random.nextInt(5) == 0,
        random.nextInt(3) == 0 ? random.nextInt(10) : 0,
        random.nextInt(3) == 0);
  }

  private static int pick(Random random, int first, int second, int third) {
    return switch (random.nextInt(3)) {
      case 0 -> first;
      case 1 -> second;
      default -> third;
    };
  }
}
