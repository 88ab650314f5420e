package io.tidelog.simulation.cluster;

import static io.tidelog.simulation.cluster.CalmCluster.calm;
import static io.tidelog.simulation.cluster.CalmCluster.follower;
import static io.tidelog.simulation.cluster.CalmCluster.runFor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.metadata.api.LogRecord;
import io.tidelog.simulation.log.Violation;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Whoever may lack what is committed leads never, and is never waited for in vain (H8). */
class WhoMayLeadTest {

  /**
   * Of three nodes one was away when the other two committed on, which then go down.
   *
   * @param end of each of the two
   * @return the two
   */
  private static List<ClusterNode> leaveOneBehind(
      ClusterSimulation run, Consumer<ClusterNode> end) {
    runFor(run, 1_000);
    var behind = follower(run);
    behind.kill();
    assertThat(run.runUntil(() -> run.record().inSync().size() == 2, 4_000)).isTrue();
    long committed = run.committedLsn();
    runFor(run, 500);
    assertThat(run.committedLsn()).isGreaterThan(committed);
    var members = run.logs().nodes().stream().filter(node -> !node.equals(behind)).toList();
    members.forEach(end);
    behind.start();
    return members;
  }

  private static void assertNobodyLeads(ClusterSimulation run, LogRecord before) {
    runFor(run, 20_000);
    assertThat(run.record().term()).isEqualTo(before.term());
    assertThat(run.record().inSync()).isEqualTo(before.inSync());
    assertThat(run.logs().nodes()).allMatch(node -> node.leading() == null);
  }

  @Test
  void whoWasLeftBehindLeavesTheLogWithoutLeaderUntilAMemberIsBack() {
    var run = calm(21, true, false);
    var members = leaveOneBehind(run, ClusterNode::kill);
    assertNobodyLeads(run, run.record());
    members.forEach(ClusterNode::start);
    run.finish();
  }

  /** The record goes on to name the disks that are gone: what was on them is missed, and said. */
  @Test
  void nobodyLeadsWhenTheDisksOfAllMembersAreLost() {
    var run = calm(22, true, false);
    var members = leaveOneBehind(run, ClusterNode::wipe);
    members.forEach(ClusterNode::start);
    assertNobodyLeads(run, run.record());
    assertThat(run.record().commits()).isTrue();
  }

  @Test
  void aLogLedByWhoIsLeftWouldLackWhatWasCommitted() {
    var run = calm(21, true, false, ClusterMutant.LED_BY_ANYONE);
    leaveOneBehind(run, ClusterNode::kill);
    assertThatThrownBy(() -> runFor(run, 20_000))
        .isInstanceOf(Violation.class)
        .hasMessageContaining("may lead with a log up to");
  }
}
