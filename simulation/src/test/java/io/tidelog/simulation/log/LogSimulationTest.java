package io.tidelog.simulation.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LogSimulationTest {

  private static final long FIRST_SEED = Long.getLong("tidelog.seed", 1);
  private static final int SEEDS = Integer.getInteger("tidelog.seeds", 1_500);

  /** From the one on that is known to find a hole: more when the course of seeds has changed. */
  private static final int HOLE_SEEDS = 400;

  private static final int REPEATED = 20;

  @Test
  void everySeedKeepsWhatItPromised() {
    long acknowledged = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      var outcome = LogSimulation.run(seed, Mutant.NONE);
      acknowledged += outcome.acknowledged();
      if (seed % REPEATED == 0) {
        assertThat(LogSimulation.run(seed, Mutant.NONE)).isEqualTo(outcome);
      }
    }
    assertThat(acknowledged).isGreaterThan(SEEDS * 100L);
  }

  static Stream<Mutant> everyHoleIsFound() {
    return KnownHole.foundBySeed(Mutant.values());
  }

  @ParameterizedTest
  @MethodSource
  void everyHoleIsFound(Mutant hole) {
    var found =
        KnownHole.find(hole.firstSeed(1), HOLE_SEEDS, seed -> LogSimulation.run(seed, hole));
    assertThat(found).as("what %s seeds find of %s", HOLE_SEEDS, hole).isNotNull();
  }
}
