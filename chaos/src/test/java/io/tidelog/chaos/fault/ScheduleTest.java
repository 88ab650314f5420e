package io.tidelog.chaos.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScheduleTest {

  private static final List<FaultKind> ALL = List.of(FaultKind.values());

  @Test
  void aSeedGivesTheSameScheduleAgainAndAnotherSeedAnother() {
    var different = new HashSet<List<Step>>();
    for (long seed = 1; seed <= 100; seed++) {
      var steps = Schedule.deal(seed, ALL, 300_000);
      assertThat(Schedule.deal(seed, ALL, 300_000)).isEqualTo(steps);
      different.add(steps);
    }
    assertThat(different).hasSize(100);
  }

  @Test
  void aLongRunHasEveryKindOfFaultBeforeItHasOneAgain() {
    for (long seed = 1; seed <= 100; seed++) {
      var kinds =
          Schedule.deal(seed, ALL, 1_000_000).stream().map(Step::kind).limit(ALL.size()).toList();
      assertThat(EnumSet.copyOf(kinds)).as("seed %d", seed).hasSize(ALL.size());
    }
  }

  @Test
  void allFitsIntoTheTime() {
    for (long seed = 1; seed <= 100; seed++) {
      long used =
          Schedule.deal(seed, ALL, 60_000).stream()
              .mapToLong(step -> step.lastsMs() + step.quietMs())
              .sum();
      assertThat(used).isBetween(30_000L, 60_000L);
    }
    assertThat(Schedule.deal(1, ALL, 1_000)).isEmpty();
  }

  @Test
  void whatNeedsSomethingIsLeftOutWhereItIsNot() {
    assertThat(FaultKind.KILL_LEADER.isPossible(Set.of())).isTrue();
    assertThat(FaultKind.CUT_FROM_ETCD.isPossible(Set.of(FaultKind.Need.STORE))).isFalse();
    assertThat(
            FaultKind.CUT_FROM_ETCD.isPossible(Set.of(FaultKind.Need.ETCD, FaultKind.Need.STORE)))
        .isTrue();
  }
}
