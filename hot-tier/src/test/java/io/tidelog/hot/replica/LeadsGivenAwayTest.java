package io.tidelog.hot.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeadsGivenAwayTest {

  private static final long WAIT_NS = 1_000;
  private static final long LONGEST_NS = WAIT_NS << LeadsGivenAway.MAX_DOUBLINGS;

  private final LeadsGivenAway given = new LeadsGivenAway(WAIT_NS);

  /** When it may be given away, for as long as it always is at once. */
  private List<Long> timesUntil(long endNs) {
    List<Long> times = new ArrayList<>();
    for (long nowNs = 0; nowNs <= endNs; nowNs += WAIT_NS / 2) {
      if (given.mayGive(nowNs)) {
        times.add(nowNs / WAIT_NS);
        given.onGiven(nowNs);
      }
    }
    return times;
  }

  @Test
  void theFirstLeadGoesAtOnceAndTheNextOnesEverMoreSeldom() {
    assertThat(timesUntil(40 * WAIT_NS)).containsExactly(0L, 1L, 3L, 7L, 15L, 31L);
  }

  @Test
  void noWaitIsLongerThanTheLongest() {
    var times = timesUntil(20 * LONGEST_NS);
    assertThat(times.getLast() - times.get(times.size() - 2)).isEqualTo(LONGEST_NS / WAIT_NS);
  }

  @Test
  void damageThatIsFoundLongAfterwardsIsGivenAwayAtOnceAgain() {
    timesUntil(40 * WAIT_NS);
    long laterNs = 40 * WAIT_NS + 2 * LONGEST_NS;
    assertThat(given.mayGive(laterNs)).isTrue();
    given.onGiven(laterNs);
    assertThat(given.mayGive(laterNs + WAIT_NS - 1)).isFalse();
    assertThat(given.mayGive(laterNs + WAIT_NS)).isTrue();
  }

  /** However many copies are damaged, the lead comes to the one that is whole. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 7})
  void theLeadComesToTheOnlyWholeCopy(int replicas) {
    for (int whole = 0; whole < replicas; whole++) {
      for (int first = 0; first < replicas; first++) {
        assertThat(handoversUntilWhole(replicas, whole, first))
            .as("%s replicas, %s is whole, %s leads first", replicas, whole, first)
            .isLessThanOrEqualTo(replicas * replicas);
      }
    }
  }

  private static int handoversUntilWhole(int replicas, int whole, int first) {
    List<LeadsGivenAway> memories = new ArrayList<>();
    for (int i = 0; i < replicas; i++) {
      memories.add(new LeadsGivenAway(WAIT_NS));
    }
    int leader = first;
    int handovers = 0;
    while (leader != whole && handovers <= replicas * replicas) {
      int turn = Math.floorMod(memories.get(leader).onGiven(handovers), replicas - 1);
      leader = turn < leader ? turn : turn + 1;
      handovers++;
    }
    return handovers;
  }
}
