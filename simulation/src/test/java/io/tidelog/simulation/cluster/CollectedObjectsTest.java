package io.tidelog.simulation.cluster;

import static io.tidelog.simulation.cluster.CalmCluster.calm;
import static io.tidelog.simulation.cluster.CalmCluster.leader;
import static io.tidelog.simulation.cluster.CalmCluster.runFor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.simulation.log.Violation;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whoever collects objects knows of all that are needed (H16). */
class CollectedObjectsTest {

  /**
   * The leader and one more die just when an object is committed, which nobody else knows yet. The
   * third leads, and commits nothing while it is alone.
   */
  private static void leadWithoutKnowingOfAnObject(ClusterSimulation run) {
    runFor(run, 1_500);
    var leader = leader(run);
    var log = run.logs().first();
    var known = log.serving();
    assertThat(known).isNotNull();
    int objects = known.liveObjects(log.id()).size();
    boolean isCommitted = run.runUntil(() -> known.liveObjects(log.id()).size() > objects, 4_000);
    assertThat(isCommitted).isTrue();
    run.chaos().loseBucket(6_000); // what the third uploads is not the point
    var others = run.logs().nodes().stream().filter(node -> !node.equals(leader)).toList();
    for (var node : List.of(leader, others.getFirst())) {
      node.kill();
    }
    boolean isLed = run.runUntil(() -> run.record().leader() == others.getLast().id(), 5_000);
    assertThat(isLed).isTrue();
    runFor(run, 2_500); // longer than what nobody needs is kept
    for (var node : List.of(leader, others.getFirst())) {
      node.start();
    }
    runFor(run, 2_000);
    run.finish();
  }

  @Test
  void aNewLeaderCollectsNothingBeforeItKnowsWhatIsNeeded() {
    leadWithoutKnowingOfAnObject(calm(23, true, true));
  }

  @Test
  void aNewLeaderThatCollectsAtOnceWouldDeleteWhatIsNeeded() {
    var run = calm(23, true, true, ClusterMutant.COLLECTED_BY_STALE_LEADER);
    assertThatThrownBy(() -> leadWithoutKnowingOfAnObject(run))
        .isInstanceOf(Violation.class)
        .hasMessageContaining("was deleted");
  }

  @Test
  void whoIsToldOfItsLeadInTimeDeletesNothingThatIsNeeded() {
    leadWithoutKnowingOfAnObject(calm(23, true, true, ClusterMutant.COLLECTED_WITHOUT_AUTHORITY));
  }
}
