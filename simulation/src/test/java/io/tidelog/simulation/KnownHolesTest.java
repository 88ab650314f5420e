package io.tidelog.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.hot.replica.SafetyRule;
import io.tidelog.simulation.cluster.ClusterMutant;
import io.tidelog.simulation.controller.ControllerHole;
import io.tidelog.simulation.log.Fate;
import io.tidelog.simulation.log.KnownHole;
import io.tidelog.simulation.log.Mutant;
import io.tidelog.simulation.replica.Hole;
import java.lang.reflect.Method;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every hole that can be put back has a seed, a test that shows the harm, or a reason for none. */
class KnownHolesTest {

  static Stream<KnownHole> whatSeedsDoNotFindATestShowsOrASentenceExplains() {
    return Stream.of(
            Mutant.values(), Hole.values(), ClusterMutant.values(), ControllerHole.values())
        .<KnownHole>flatMap(Stream::of)
        .filter(hole -> !hole.name().equals("NONE"));
  }

  @ParameterizedTest
  @MethodSource
  void whatSeedsDoNotFindATestShowsOrASentenceExplains(KnownHole hole)
      throws ClassNotFoundException {
    switch (hole.fate()) {
      case Fate.FoundBySeed known -> assertThat(known.seed()).isPositive();
      case Fate.FoundByTest known -> assertThat(testsOf(known.type())).contains(known.method());
      case Fate.Harmless known -> assertThat(known.why()).hasSizeGreaterThan(40);
      case Fate.NothingToFind nothing ->
          throw new AssertionError(hole + " puts something back, " + nothing);
    }
  }

  private static Stream<String> testsOf(String type) throws ClassNotFoundException {
    return Stream.of(Class.forName("io.tidelog.simulation." + type).getDeclaredMethods())
        .filter(
            method ->
                method.isAnnotationPresent(Test.class)
                    || method.isAnnotationPresent(ParameterizedTest.class))
        .map(Method::getName);
  }

  /** A rule that nobody suspends may be one that nobody would miss. */
  @Test
  void everyRuleIsSuspendedInBothSimulations() {
    Set<SafetyRule> inReplicas = EnumSet.noneOf(SafetyRule.class);
    Stream.of(Hole.values()).forEach(hole -> inReplicas.addAll(hole.suspended()));
    Set<SafetyRule> inCluster = EnumSet.noneOf(SafetyRule.class);
    Stream.of(ClusterMutant.values()).forEach(mutant -> inCluster.addAll(mutant.suspended()));
    assertThat(inReplicas).containsExactly(SafetyRule.values());
    assertThat(inCluster).containsExactly(SafetyRule.values());
  }
}
