package io.tidelog.simulation.cluster;

import static io.tidelog.simulation.cluster.CalmCluster.calm;
import static io.tidelog.simulation.cluster.CalmCluster.follower;
import static io.tidelog.simulation.cluster.CalmCluster.leader;
import static io.tidelog.simulation.cluster.CalmCluster.runFor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.metadata.api.LogRecord;
import io.tidelog.simulation.log.Violation;
import org.junit.jupiter.api.Test;

/** Bits change on the disk of one node in an otherwise calm cluster. */
class DamagedCopyTest {

  @Test
  void whatIsDamagedOnTheLeaderIsSentByAnother() {
    var run = calm(10, true, false);
    runFor(run, 3_000);
    var leader = leader(run);
    var follower = follower(run);
    for (int i = 0; i < 20; i++) {
      run.chaos().rot(leader);
    }
    follower.wipe();
    follower.start();
    assertThat(run.runUntil(() -> run.record().inSync().size() == 2, 4_000)).isTrue();
    assertThat(run.runUntil(() -> run.record().inSync().size() == 3, 6_000)).isTrue();
    assertThat(run.leader()).isNotEqualTo(leader);
    run.finish();
  }

  /** What the checksums of batches leave out is damaged before the segment is uploaded. */
  private static void damageAnOffsetBeforeTheUpload(ClusterSimulation run) {
    run.chaos().loseBucket(3_000);
    runFor(run, 2_000);
    run.chaos().rotOffset(leader(run));
    runFor(run, 3_000); // what was uploaded is read from the bucket once it is trimmed
    run.finish();
  }

  @Test
  void damagedOffsetsAreNotUploaded() {
    damageAnOffsetBeforeTheUpload(calm(13, true, true));
  }

  @Test
  void damageThatIsUploadedIsSeenByItsReaders() {
    var run = calm(13, true, true, ClusterMutant.DAMAGE_UPLOADED);
    assertThatThrownBy(() -> damageAnOffsetBeforeTheUpload(run))
        .isInstanceOf(Violation.class)
        .hasMessageMatching(".*(answers|does not hold) offset.*");
  }

  /** What the leader is to offload is damaged on its disk only. */
  private static ClusterNode damageWhatTheLeaderIsToOffload(ClusterSimulation run) {
    run.chaos().loseBucket(2_000);
    runFor(run, 1_500);
    var leader = leader(run);
    run.chaos().rotOffset(leader);
    return leader;
  }

  private static int offloadedObjects(ClusterSimulation run) {
    var log = run.logs().first();
    var leading = log.serving();
    return leading == null ? 0 : leading.liveObjects(log.id()).size();
  }

  @Test
  void whatIsDamagedOnTheLeaderIsOffloadedByAnother() {
    var run = calm(18, true, true);
    var damaged = damageWhatTheLeaderIsToOffload(run);
    assertThat(run.runUntil(() -> !damaged.equals(run.leader()), 2_000)).isTrue();
    int before = offloadedObjects(run);
    assertThat(run.runUntil(() -> offloadedObjects(run) > before + 2, 3_000)).isTrue();
    assertThat(run.runUntil(() -> run.record().inSync().size() == 3, 3_000))
        .as("what comes now is as safe with it as with the others")
        .isTrue();
    run.finish();
  }

  /** As the controller does, whatever that one knows. */
  @Test
  void aLeadThatIsGivenBackToADamagedCopyIsGivenAwayAgain() {
    var run = calm(19, true, true);
    run.chaos().loseBucket(8_000);
    runFor(run, 1_500);
    var damaged = leader(run);
    run.chaos().rotOffset(damaged);
    for (int i = 0; i < 2; i++) {
      assertThat(run.runUntil(() -> led(run, damaged), 5_000)).isTrue();
      assertThat(run.runUntil(() -> isLedWithout(run, damaged), 5_000)).isTrue();
      assertThat(run.runUntil(() -> run.record().inSync().size() == 3, 3_000)).isTrue();
      run.logs().first().store().change(record -> handedBack(record, damaged));
    }
    run.finish();
  }

  private static boolean led(ClusterSimulation run, ClusterNode node) {
    return node.equals(run.leader());
  }

  private static boolean isLedWithout(ClusterSimulation run, ClusterNode node) {
    return run.logs().first().serving() != null && !led(run, node);
  }

  private static LogRecord handedBack(LogRecord record, ClusterNode to) {
    var member =
        record.inSync().stream().filter(one -> one.nodeId() == to.id()).findFirst().orElseThrow();
    return record.handedTo(member, record.term() + 1);
  }

  @Test
  void whoeverIsAloneWithDamageServesOnAndGivesTheLeadAwayWhenItCan() {
    var run = calm(20, true, true);
    var alone = damageWhatTheLeaderIsToOffload(run);
    for (int id = 1; id <= 3; id++) {
      if (id != alone.id()) {
        run.node(id).kill();
      }
    }
    runFor(run, 4_000);
    assertThat(alone.isStuck()).as("there is nobody else").isTrue();
    for (int id = 1; id <= 3; id++) {
      run.node(id).start();
    }
    assertThat(run.runUntil(() -> isLedWithout(run, alone), 8_000)).isTrue();
    run.finish();
  }

  @Test
  void aLeaderThatKeptItsDamagedCopyWouldOffloadNothingMore() {
    var run = calm(18, true, true, ClusterMutant.DAMAGE_KEPT);
    damageWhatTheLeaderIsToOffload(run);
    runFor(run, 2_000);
    assertThatThrownBy(run::finish)
        .isInstanceOf(Violation.class)
        .hasMessageContaining("cannot read what it is to offload");
  }
}
