package io.tidelog.simulation.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LogSimulationTest {

  private static final long FIRST_SEED = Long.getLong("tidelog.seed", 1);
  private static final int SEEDS = Integer.getInteger("tidelog.seeds", 1_500);
  private static final int MUTANT_SEEDS = 300;
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

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void everyMutantDies(Mutant mutant) {
    for (long seed = 1; seed <= MUTANT_SEEDS; seed++) {
      try {
        LogSimulation.run(seed, mutant);
      } catch (Violation killed) {
        System.out.println(mutant + " killed by " + killed.getMessage());
        return;
      }
    }
    throw new AssertionError(mutant + " survived " + MUTANT_SEEDS + " seeds");
  }
}
