package io.tidelog.simulation.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.simulation.log.KnownHole;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ControllerSimulationTest {

  private static final long FIRST_SEED = Long.getLong("tidelog.seed", 1);
  private static final int SEEDS = Integer.getInteger("tidelog.controller.seeds", 150);
  private static final int REPEATED = 50;

  /** From the one on that is known to find a hole: more when the course of seeds has changed. */
  private static final int HOLE_SEEDS = 400;

  @Test
  void everySeedKeepsWhatItPromised() {
    long controllers = 0;
    long decisions = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      var outcome = ControllerSimulation.run(seed, ControllerHole.NONE);
      controllers += outcome.controllers();
      decisions += outcome.decisions();
      if (seed % REPEATED == 0) {
        assertThat(ControllerSimulation.run(seed, ControllerHole.NONE)).isEqualTo(outcome);
      }
    }
    assertThat(controllers).as("some were followed by another").isGreaterThan(SEEDS * 3L / 2);
    assertThat(decisions).isGreaterThan(SEEDS * 5L);
  }

  static Stream<ControllerHole> everyHoleIsFound() {
    return KnownHole.foundBySeed(ControllerHole.values());
  }

  @ParameterizedTest
  @MethodSource
  void everyHoleIsFound(ControllerHole hole) {
    var found =
        KnownHole.find(hole.firstSeed(1), HOLE_SEEDS, seed -> ControllerSimulation.run(seed, hole));
    assertThat(found).as("what %s seeds find of %s", HOLE_SEEDS, hole).isNotNull();
  }
}
