package io.tidelog.simulation.controller;

import java.util.Random;

/**
 * What a seed chooses for a whole run.
 *
 * @param nodes from the beginning
 * @param joining nodes that come later
 * @param racks 0 when nodes name none
 * @param drains of nodes that an operator empties; most of them come back
 * @param failPercent of calls of the store, and of what watches tell
 */
record ControllerOptions(
    int nodes,
    int joining,
    int racks,
    int logsPerNode,
    int drains,
    int kills,
    int pauses,
    int cuts,
    int outages,
    int lostLeases,
    int failPercent,
    int lossPercent,
    boolean readsStale) {

  static ControllerOptions of(Random random) {
    return new ControllerOptions(
        3 + random.nextInt(3),
        random.nextInt(3),
        random.nextInt(4),
        1 + (random.nextInt(8) == 0 ? random.nextInt(30) : random.nextInt(3)),
        random.nextInt(3),
        random.nextInt(6),
        random.nextInt(5),
        random.nextInt(4),
        random.nextInt(3),
        random.nextInt(4),
        random.nextInt(3) == 0 ? 20 : random.nextInt(5),
        random.nextInt(3) == 0 ? 30 : random.nextInt(3),
        random.nextInt(3) == 0);
  }
}
