package io.tidelog.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.metadata.api.LogRecord;
import io.tidelog.simulation.replica.SimNetwork;
import io.tidelog.simulation.replica.SimRecordStore;
import java.util.Random;

/** Three nodes where nothing goes wrong by itself, led and written to. */
final class CalmCluster {

  static final int SEGMENT_BYTES = 16_384;

  private CalmCluster() {}

  static ClusterSimulation calm(long seed, boolean syncs, boolean offloads) {
    return calm(seed, syncs, offloads, ClusterMutant.NONE);
  }

  static ClusterSimulation calm(long seed, boolean syncs, boolean offloads, ClusterMutant mutant) {
    return calm(seed, syncs, offloads, mutant, ClusterOptions.Moves.NONE);
  }

  /** Two logs, between which nothing moves by itself. */
  static ClusterSimulation calmWithTwoLogs(long seed, boolean offloads, ClusterMutant mutant) {
    var moves = new ClusterOptions.Moves(2, 0, 0, 1 << 16, 1 << 16, 500, seed);
    return calm(seed, true, offloads, mutant, moves);
  }

  static ClusterSimulation calm(
      long seed,
      boolean syncs,
      boolean offloads,
      ClusterMutant mutant,
      ClusterOptions.Moves moves) {
    var shape =
        new ClusterOptions.Shape(3, 3, 2, syncs, 2, 2, SEGMENT_BYTES, false, 0, offloads, -1);
    var options =
        new ClusterOptions(
            shape,
            new SimNetwork.Badness(0, 0, 0),
            new SimRecordStore.Badness(0, false, false),
            ClusterOptions.Faults.NONE,
            moves,
            false,
            false);
    var run = new ClusterSimulation(new Random(seed), options, mutant);
    run.start();
    assertThat(run.runUntil(() -> run.leader() != null, 5_000)).isTrue();
    return run;
  }

  static ClusterNode leader(ClusterSimulation run) {
    var leader = run.leader();
    assertThat(leader).isNotNull();
    return leader;
  }

  static ClusterNode follower(ClusterSimulation run) {
    int id = leader(run).id();
    return run.node(id == 1 ? 2 : 1);
  }

  static LogRecord runFor(ClusterSimulation run, long ms) {
    run.runUntil(() -> false, ms);
    return run.record();
  }
}
