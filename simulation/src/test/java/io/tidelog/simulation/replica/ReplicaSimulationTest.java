package io.tidelog.simulation.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.simulation.log.KnownHole;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReplicaSimulationTest {

  private static final long FIRST_SEED = Long.getLong("tidelog.seed", 1);
  private static final int SEEDS = Integer.getInteger("tidelog.seeds", 2_000);

  /** From the one on that is known to find a hole: more when the course of seeds has changed. */
  private static final int HOLE_SEEDS = 400;

  private static final int REPEATED = 100;

  @Test
  void everySeedKeepsWhatItPromised() {
    long acknowledged = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      var outcome = ReplicaSimulation.run(seed, Hole.NONE);
      acknowledged += outcome.acknowledged();
      if (seed % REPEATED == 0) {
        assertThat(ReplicaSimulation.run(seed, Hole.NONE)).isEqualTo(outcome);
      }
    }
    assertThat(acknowledged).isGreaterThan(SEEDS * 100L);
  }

  static Stream<Hole> everyHoleIsFound() {
    return KnownHole.foundBySeed(Hole.values());
  }

  @ParameterizedTest
  @MethodSource
  void everyHoleIsFound(Hole hole) {
    var found =
        KnownHole.find(hole.firstSeed(1), HOLE_SEEDS, seed -> ReplicaSimulation.run(seed, hole));
    assertThat(found).as("what %s seeds find of %s", HOLE_SEEDS, hole).isNotNull();
  }
}
