package io.tidelog.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.simulation.log.Violation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClusterSimulationTest {

  private static final long FIRST_SEED = Long.getLong("tidelog.seed", 1);
  private static final int SEEDS = Integer.getInteger("tidelog.cluster.seeds", 400);
  private static final int MUTANT_SEEDS = 250;
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
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      var outcome = ClusterSimulation.run(seed, ClusterMutant.NONE);
      acknowledged += outcome.acknowledged();
      moves += outcome.moves();
      if (seed % REPEATED == 0) {
        assertThat(ClusterSimulation.run(seed, ClusterMutant.NONE)).isEqualTo(outcome);
      }
    }
    assertThat(acknowledged).isGreaterThan(SEEDS * 100L);
    assertThat(moves).isGreaterThan(SEEDS / 4);
  }

  /** Those that turn up soon; the others by command: see docs/reliability.md. */
  @ParameterizedTest
  @EnumSource(
      names = {
        "LEAVING_NOT_COUNTED",
        "STALE_ANSWER_TAKEN",
        "COMMITTED_BEFORE_REPLICATION",
        "ACKNOWLEDGED_BEFORE_SYNC",
        "SEGMENT_SYNC_SKIPPED",
        "DIRECTORY_SYNC_SKIPPED",
        "PROMISE_NOT_KEPT",
        "APPLIED_BEFORE_COMMIT",
        "WRITTEN_DIFFERENTLY",
        "ROLLED_ELSEWHERE",
        "SWAPPED_BLINDLY",
        "PRODUCERS_FORGOTTEN",
        "SHOWN_EARLY",
        "EPOCH_NOT_RAISED",
        "OPENED_BEFORE_SWAP",
        "RELEASED_BEFORE_SWAP",
        "SOURCE_NOT_CLOSED",
        "PRODUCERS_NOT_CARRIED"
      })
  void everyMutantDies(ClusterMutant mutant) {
    for (long seed = 1; seed <= MUTANT_SEEDS; seed++) {
      try {
        ClusterSimulation.run(seed, mutant);
      } catch (Violation killed) {
        System.out.println(mutant + " killed by " + killed.getMessage());
        return;
      }
    }
    throw new AssertionError(mutant + " survived " + MUTANT_SEEDS + " seeds");
  }
}
