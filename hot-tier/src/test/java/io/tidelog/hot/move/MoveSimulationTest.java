package io.tidelog.hot.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MoveSimulationTest {

  private static final int SEEDS = 600;

  @Test
  void nothingIsLostDoubledOrReorderedWhoeverDiesWhen(TestReporter reporter) {
    int moves = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      moves += run(seed, Mutant.NONE);
    }
    reporter.publishEntry("moves done", Integer.toString(moves));
    assertThat(moves).isGreaterThan(SEEDS / 2);
  }

  /** A request that was delivered twice was answered by the leader, then by one deposed before. */
  @Test
  void theFirstAnswerToARequestIsTheOneThatCounts() {
    run(18_960, Mutant.NONE);
    assertThatThrownBy(() -> run(18_960, Mutant.EVERY_ANSWER_KEPT))
        .hasRootCauseMessage("twice: Append[sent=Sent[producer=2, sequence=1], offset=3, epoch=4]");
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NONE", "EVERY_ANSWER_KEPT"})
  void eachRuleIsMissedWhenItIsLeftOut(Mutant mutant, TestReporter reporter) {
    for (long seed = 0; seed < SEEDS; seed++) {
      try {
        new MoveSimulation(seed, mutant).run();
      } catch (AssertionError | RuntimeException found) {
        reporter.publishEntry(mutant + " dies at seed " + seed, String.valueOf(found.getMessage()));
        return;
      }
    }
    throw new AssertionError(mutant + " lives");
  }

  private static int run(long seed, Mutant mutant) {
    var simulation = new MoveSimulation(seed, mutant);
    try {
      simulation.run();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed, e);
    }
    return simulation.moves;
  }
}
