package io.tidelog.simulation.cluster;

import static io.tidelog.simulation.cluster.CalmCluster.SEGMENT_BYTES;
import static io.tidelog.simulation.cluster.CalmCluster.calm;
import static io.tidelog.simulation.cluster.CalmCluster.calmWithTwoLogs;
import static io.tidelog.simulation.cluster.CalmCluster.follower;
import static io.tidelog.simulation.cluster.CalmCluster.leader;
import static io.tidelog.simulation.cluster.CalmCluster.runFor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.PartitionId;
import io.tidelog.hot.move.MoveStanding;
import io.tidelog.simulation.log.Violation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One thing goes wrong in an otherwise calm cluster; each was found by a seed first. */
class ClusterScenarioTest {

  @Test
  void aReplicaWithoutADiskBeginsWithACheckpointAndFollows() {
    var run = calm(1, true, true);
    runFor(run, 3_000);
    var follower = follower(run);
    follower.wipe();
    follower.start();
    boolean isWhole = run.runUntil(() -> run.record().inSync().size() == 2, 4_000);
    assertThat(isWhole).as("the wiped one has left").isTrue();
    assertThat(run.runUntil(() -> run.record().inSync().size() == 3, 4_000)).isTrue();
    run.finish();
  }

  /** The next leader knows nothing of the checkpoint that was asked for. */
  @ParameterizedTest
  @ValueSource(ints = {2, 6, 10, 14, 18, 22, 26, 30, 34, 38})
  void aCopyBeginsAgainWhenItsLeaderIsLost(int diesAfterMs) {
    var run = calm(2, true, true);
    runFor(run, 3_000);
    var leader = leader(run);
    var follower = follower(run);
    follower.wipe();
    follower.start();
    runFor(run, diesAfterMs);
    leader.kill();
    runFor(run, 3_000);
    run.finish();
  }

  @Test
  void aLeaderWhoseDiskFailsIsFollowedByAnotherAtOnce() {
    var run = calm(3, true, false);
    runFor(run, 1_000);
    var leader = leader(run);
    run.chaos().failSyncs(leader, Integer.MAX_VALUE);
    boolean isReplaced =
        run.runUntil(() -> run.leader() != null && !leader.equals(run.leader()), 600);
    assertThat(isReplaced).as("sooner than it is missed").isTrue();
    run.finish();
  }

  @Test
  void aFollowerWhoseDiskFailsSaysSo() {
    var run = calm(4, true, false);
    runFor(run, 1_000);
    var follower = follower(run);
    var driver = follower.driver();
    assertThat(driver).isNotNull();
    run.chaos().failSyncs(follower, Integer.MAX_VALUE);
    assertThat(run.runUntil(() -> driver.fault() != null, 1_000)).isTrue();
    run.finish();
  }

  /** It answers, but takes nothing: all others would wait for it. */
  @Test
  void aFollowerWhoseDiskIsFullKeepsNobodyWaiting() {
    var run = calm(7, true, false);
    runFor(run, 1_000);
    var follower = follower(run);
    var driver = follower.driver();
    assertThat(driver).isNotNull();
    assertThat(driver.isFull()).isFalse();
    follower.disk().limitTo(1);
    assertThat(run.runUntil(() -> run.record().inSync().size() == 2, 3_000)).isTrue();
    assertThat(driver.isFull()).isTrue();
    long committed = run.committedLsn();
    runFor(run, 2_000);
    assertThat(run.committedLsn()).isGreaterThan(committed + SEGMENT_BYTES);
    assertThat(run.record().inSync()).hasSize(2);
    run.finish();
    assertThat(driver.isFull()).as("room is there again").isFalse();
  }

  @Test
  void aLeaderWhoseClockIsFarAheadIsFollowedByAnother() {
    var run = calm(8, true, false);
    runFor(run, 1_000);
    var leader = leader(run);
    leader.clock().stepWall(3_600_000);
    boolean isReplaced =
        run.runUntil(() -> run.leader() != null && !leader.equals(run.leader()), 3_000);
    assertThat(isReplaced).isTrue();
    long committed = run.committedLsn();
    runFor(run, 3_000);
    assertThat(run.committedLsn()).isGreaterThan(committed + SEGMENT_BYTES);
    run.finish();
  }

  @Test
  void aFollowerWhoseClockIsFarBehindLeavesTheOthersAlone() {
    var run = calm(9, true, false);
    runFor(run, 1_000);
    var leader = leader(run);
    follower(run).clock().stepWall(-3_600_000);
    assertThat(run.runUntil(() -> run.record().inSync().size() == 2, 3_000)).isTrue();
    long term = run.record().term();
    runFor(run, 3_000);
    assertThat(run.record().term()).isEqualTo(term);
    assertThat(run.leader()).isEqualTo(leader);
    run.finish();
  }

  @Test
  void aFullDiskOnlyDelaysThatAReplicaBeginsAnew() {
    var run = calm(11, true, true);
    runFor(run, 3_000);
    var follower = follower(run);
    follower.wipe();
    follower.disk().limitTo(1_500);
    follower.start();
    runFor(run, 3_000);
    run.finish();
  }

  @Test
  void aLeaderStopsAlthoughNobodyFollows() {
    var run = calm(5, false, false);
    runFor(run, 1_000);
    var leader = leader(run);
    for (int id = 1; id <= 3; id++) {
      if (id != leader.id()) {
        run.node(id).kill();
      }
    }
    runFor(run, 50);
    var isStopped = new boolean[1];
    leader.stop(() -> isStopped[0] = true);
    assertThat(run.runUntil(() -> isStopped[0], 2_000)).isTrue();
    leader.kill();
    run.finish();
  }

  /** Nobody else is in sync, but those that were may lead again without it. */
  private static void leaveLeaderAlone(ClusterSimulation run) {
    runFor(run, 1_000);
    var leader = leader(run);
    for (int id = 1; id <= 3; id++) {
      if (id != leader.id()) {
        run.node(id).kill();
      }
    }
    assertThat(run.runUntil(() -> run.record().inSync().size() == 1, 4_000)).isTrue();
    run.chaos().isolate(leader, 20_000);
    leader.cutFromStore(true);
    for (int id = 1; id <= 3; id++) {
      run.node(id).start();
    }
    boolean isReplaced = run.runUntil(() -> run.record().leader() != leader.id(), 5_000);
    assertThat(isReplaced).isTrue();
    runFor(run, 5_000); // what it shows is compared with what the others commit
  }

  @Test
  void aLeaderThatIsLeftAloneShowsNothingOnceOthersMayLead() {
    var run = calm(6, true, false);
    leaveLeaderAlone(run);
    run.finish();
  }

  private static void isolateLeader(ClusterSimulation run) {
    runFor(run, 1_000);
    var leader = leader(run);
    run.chaos().isolate(leader, 20_000);
    leader.cutFromStore(true);
    assertThat(run.runUntil(() -> run.record().leader() != leader.id(), 5_000)).isTrue();
    runFor(run, 6_000);
  }

  @Test
  void aLeaderThatHearsOfNobodyShowsNothing() {
    var run = calm(12, true, false);
    isolateLeader(run);
    run.finish();
  }

  @Test
  void aLeaderThatServesWithoutAuthorityWouldShowThePast() {
    var run = calm(12, true, false, ClusterMutant.SERVED_WITHOUT_AUTHORITY);
    assertThatThrownBy(() -> isolateLeader(run))
        .isInstanceOf(Violation.class)
        .hasMessageContaining("committed long ago");
  }

  @Test
  void aLeaderThatCountsOnlyWhoIsInSyncWouldShowThePast() {
    var run = calm(6, true, false, ClusterMutant.SERVED_BESIDE_ELECTABLE);
    assertThatThrownBy(() -> leaveLeaderAlone(run))
        .isInstanceOf(Violation.class)
        .hasMessageContaining("committed long ago");
  }

  private static boolean lives(ClusterSimulation run, PartitionId id, ClusterLog log) {
    return run.moves().now().home(id).log().equals(log.id());
  }

  private static MoveStanding standing(ClusterLog log, PartitionId id) {
    var leading = log.serving();
    return leading == null ? new MoveStanding.Absent() : leading.moves().standing(id);
  }

  @Test
  void aPartitionMovesToAnotherLogAndBackWhileItIsWritten() {
    var run = calmWithTwoLogs(14, true, ClusterMutant.NONE);
    var first = run.logs().first();
    var second = run.logs().all().getLast();
    runFor(run, 500); // a frame of these small segments names few cold objects
    var id = run.beginMove(0);
    var open = new MoveStanding.Open();
    assertThat(run.runUntil(() -> standing(second, id).equals(open), 8_000)).isTrue();
    runFor(run, 200);
    run.beginMove(0);
    assertThat(run.runUntil(() -> standing(first, id).equals(open), 8_000)).isTrue();
    runFor(run, 1_000);
    assertThat(run.finish().moves()).isEqualTo(2);
  }

  /** Its terms do not count in the leader epoch of the new home: clients would cling to it. */
  @Test
  void aNewLeaderShowsNoPartitionThatMayHaveMovedBeforeItsTerm() {
    var run = calmWithTwoLogs(15, false, ClusterMutant.NONE);
    var first = run.logs().first();
    var second = run.logs().all().getLast();
    runFor(run, 2_000);
    var id = run.beginMove(0);
    boolean isClosed =
        run.runUntil(() -> standing(first, id) instanceof MoveStanding.Closed, 2_000);
    assertThat(isClosed).isTrue();
    first.nodes().forEach(node -> node.cutFromMoves(true));
    assertThat(run.runUntil(() -> lives(run, id, second), 2_000)).isTrue();
    var leader = leader(run);
    leader.kill();
    boolean isFollowed =
        run.runUntil(() -> run.leader() != null && !leader.equals(run.leader()), 5_000);
    assertThat(isFollowed).isTrue();
    var next = leader(run).leading();
    assertThat(next).isNotNull();
    assertThat(next.moves().standing(id)).isInstanceOf(MoveStanding.Closed.class);
    assertThat(next.snapshot(id)).as("as far as it knows").isNull();
    assertThat(next.partitions()).contains(id);
    leader.start();
    first.nodes().forEach(node -> node.cutFromMoves(false));
    run.finish();
  }

  @Test
  void aNewLeaderShowsAPartitionThatDidNotMoveAfterAll() {
    var run = calmWithTwoLogs(16, false, ClusterMutant.NONE);
    var first = run.logs().first();
    var second = run.logs().all().getLast();
    runFor(run, 2_000);
    var id = run.beginMove(0);
    boolean isClosed =
        run.runUntil(() -> standing(first, id) instanceof MoveStanding.Closed, 2_000);
    assertThat(isClosed).isTrue();
    second.nodes().forEach(ClusterNode::kill);
    var leader = leader(run);
    leader.kill();
    boolean isShown =
        run.runUntil(
            () -> {
              var leading = first.serving();
              return leading != null && leading.snapshot(id) != null;
            },
            5_000);
    assertThat(isShown).isTrue();
    assertThat(standing(first, id)).isInstanceOf(MoveStanding.Closed.class);
    leader.start();
    second.nodes().forEach(ClusterNode::start);
    run.finish();
  }

  /** The transaction of a swap arrives when its move is taken back and forgotten in both logs. */
  private static void swapLate(ClusterSimulation run) {
    var first = run.logs().first();
    var second = run.logs().all().getLast();
    runFor(run, 500);
    var id = run.beginMove(0);
    var move = run.moves().now().home(id).move();
    assertThat(move).isNotNull();
    boolean isClosed =
        run.runUntil(() -> standing(first, id) instanceof MoveStanding.Closed, 8_000);
    assertThat(isClosed).isTrue();
    run.moves().cancel(move);
    boolean isTakenBack =
        run.runUntil(
            () ->
                standing(first, id) instanceof MoveStanding.Open
                    && standing(second, id) instanceof MoveStanding.Absent,
            8_000);
    assertThat(isTakenBack).isTrue();
    run.moves().swap(move);
    run.finish();
  }

  @Test
  void aSwapThatComesAfterItsMoveWasTakenBackChangesNothing() {
    swapLate(calmWithTwoLogs(17, false, ClusterMutant.NONE));
  }

  @Test
  void aHomeSwappedWithoutItsMoveWouldBeOpenedAnew() {
    var run = calmWithTwoLogs(17, false, ClusterMutant.HOME_SWAPPED_BLINDLY);
    assertThatThrownBy(() -> swapLate(run))
        .isInstanceOf(Violation.class)
        .hasMessageContaining("is opened anew");
  }
}
