package io.tidelog.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.simulation.log.KnownHole;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClusterSimulationTest {

  private static final long FIRST_SEED = Long.getLong("tidelog.seed", 1);
  private static final int SEEDS = Integer.getInteger("tidelog.cluster.seeds", 400);

  /** From the one on that is known to find a hole: more when the course of seeds has changed. */
  private static final int HOLE_SEEDS = 400;

  private static final int REPEATED = 100;

  /**
   * A follower came back with an empty disk, and its leader, cut off, was told to serve nothing.
   */
  @Test
  void aLeaderThatHasNotHeardOfAMemberServesNothing() {
    assertThat(ClusterSimulation.run(2_000_008, ClusterMutant.NONE)).isNotNull();
  }

  /** A move was taken back and another one came while what began the first was being written. */
  @Test
  void anAnswerToALaterMoveOutlivesWhatIsForgottenOfAnEarlierOne() {
    assertThat(ClusterSimulation.run(3_049_289, ClusterMutant.NONE)).isNotNull();
  }

  /** Who led had damaged what others needed, and the only one who had it was to leave. */
  @Test
  void whoeverIsToLeaveLeadsWhenNobodyElseCanServeTheOthers() {
    assertThat(ClusterSimulation.run(4_000_901, ClusterMutant.NONE)).isNotNull();
  }

  /** A leader that was long in coming held appends of a client that had gone elsewhere since. */
  @Test
  void whatItsClientHasGivenUpMayBeDoneLate() {
    assertThat(ClusterSimulation.run(3_038_545, ClusterMutant.NONE)).isNotNull();
  }

  @Test
  void everySeedKeepsWhatItPromised() {
    long acknowledged = 0;
    long moves = 0;
    long ownFound = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      var outcome = ClusterSimulation.run(seed, ClusterMutant.NONE);
      acknowledged += outcome.acknowledged();
      moves += outcome.moves();
      ownFound += outcome.ownFound();
      if (seed % REPEATED == 0) {
        assertThat(ClusterSimulation.run(seed, ClusterMutant.NONE)).isEqualTo(outcome);
      }
    }
    assertThat(acknowledged).isGreaterThan(SEEDS * 100L);
    assertThat(moves).isGreaterThan(SEEDS / 4);
    assertThat(ownFound).as("uploads answered 412 for their own object").isGreaterThan(SEEDS / 4);
  }

  static Stream<ClusterMutant> everyHoleIsFound() {
    return KnownHole.foundBySeed(ClusterMutant.values());
  }

  @ParameterizedTest
  @MethodSource
  void everyHoleIsFound(ClusterMutant hole) {
    var found =
        KnownHole.find(hole.firstSeed(1), HOLE_SEEDS, seed -> ClusterSimulation.run(seed, hole));
    assertThat(found).as("what %s seeds find of %s", HOLE_SEEDS, hole).isNotNull();
  }
}
