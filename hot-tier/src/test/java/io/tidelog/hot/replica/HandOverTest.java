package io.tidelog.hot.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.metadata.api.LogRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Leads that are given away, and members that leave. */
class HandOverTest extends ThreeReplicas {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void whoTheRecordNamesLeadsLongBeforeTheOthersWouldMissALeader(int seed) {
    begin(seed);

    record = record.handedTo(replica(1), TERM + 1).at(record.modRevision() + 1);
    replicas.forEach(replica -> replica.onRecord(record, nowNs));
    long named = nowNs;
    while (!replicas.get(1).isLeading() && nowNs - named < CONFIG.silenceNs()) {
      step();
    }

    assertThat(replicas.get(1).isLeading()).as("seed " + seed).isTrue();
    assertThat((nowNs - named) / MS).isLessThan(CONFIG.roundNs() / MS);
    assertThat(record.term()).isEqualTo(TERM + 2);
    assertThat(record.leader()).isEqualTo(1);
    assertThat(record.inSync()).containsExactlyInAnyOrder(replica(1), replica(2));
  }

  @Test
  void whoHandsOverStaysWhileItIsNeededToCommit() {
    record =
        new LogRecord(record.id(), List.of(0, 1, 2), 3, record.inSync(), List.of(), 0, TERM, 1);
    begin(7);

    record = record.handedTo(replica(1), TERM + 1).at(record.modRevision() + 1);
    replicas.forEach(replica -> replica.onRecord(record, nowNs));
    long named = nowNs;
    while (!replicas.get(1).isLeading() && nowNs - named < CONFIG.silenceNs()) {
      step();
    }

    assertThat(replicas.get(1).isLeading()).isTrue();
    assertThat(record.inSync()).hasSize(3);
  }

  /** As etcd does with what its members pass on to a leader that has just died. */
  @Test
  void aTakeoverThatIsLostIsProposedAgainSoon() {
    begin(8);

    lostProposals = 1;
    record = record.handedTo(replica(1), TERM + 1).at(record.modRevision() + 1);
    replicas.forEach(replica -> replica.onRecord(record, nowNs));
    long named = nowNs;
    while (!replicas.get(1).isLeading() && nowNs - named < 10 * CONFIG.proposalNs()) {
      step();
    }

    assertThat(replicas.get(1).isLeading()).isTrue();
    assertThat((nowNs - named) / MS)
        .isLessThan((CONFIG.proposalNs() + CONFIG.retryNs() + CONFIG.roundNs()) / MS);
    assertThat(record.term()).isEqualTo(TERM + 2);
  }

  @Test
  void aLeaderProposesAgainWhatIsLost() {
    begin(9);
    record = record.handedTo(replica(1), TERM + 1).at(record.modRevision() + 1);
    replicas.forEach(replica -> replica.onRecord(record, nowNs));
    while (!replicas.get(1).isLeading()) {
      step();
    }
    assertThat(record.inSync()).hasSize(2);

    lostProposals = 1; // of node 2, which acknowledges nothing here, to leave the in-sync set
    long begun = nowNs;
    while (record.inSync().size() > 1 && nowNs - begun < 10 * CONFIG.proposalNs()) {
      step();
    }

    assertThat(record.inSync()).containsExactly(replica(1));
    assertThat((nowNs - begun) / MS)
        .isLessThan((CONFIG.lagNs() + CONFIG.proposalNs() + 2 * CONFIG.retryNs()) / MS);
  }

  @Test
  void aFollowerThatStopsIsNotWaitedFor() {
    var leader = leadWithAllInSync(11);

    replicas.get(2).leave();
    while (record.inSync().size() == 3) {
      step();
      assertThat(nowNs / MS).isLessThan(CONFIG.lostNs() / MS);
    }

    assertThat(record.inSync()).containsExactlyInAnyOrder(replica(0), replica(1));
    for (int i = 0; i < 2 * CONFIG.heartbeatNs() / MS; i++) {
      step(); // it still acknowledges, and is let in no more
    }
    assertThat(record.inSync()).hasSize(2);
    assertThat(leader.isLeading()).isTrue();
  }

  @Test
  void aFollowerThatIsNeededToCommitIsWaitedForThoughItStops() {
    leadWithAllInSync(12);

    replicas.get(2).leave();
    replicas.get(0).leave();
    for (int i = 0; i < 2 * CONFIG.heartbeatNs() / MS; i++) {
      step();
    }

    assertThat(record.inSync()).hasSize(2).contains(replica(1));
  }

  @Test
  void aFollowerWhoseConnectionEndedLeavesSoon() {
    var leader = leadWithAllInSync(13);
    long lostNs = nowNs;

    dead.add(2);
    leader.onDisconnected(2, nowNs);
    while (record.inSync().size() == 3 && nowNs - lostNs < CONFIG.lagNs()) {
      step();
    }

    assertThat(record.inSync()).containsExactlyInAnyOrder(replica(0), replica(1));
    assertThat((nowNs - lostNs) / MS).isBetween(CONFIG.lostNs() / MS, CONFIG.lostNs() / MS + 10);
  }

  @Test
  void aFollowerThatIsBackAtOnceStays() {
    var leader = leadWithAllInSync(14);

    leader.onDisconnected(2, nowNs);
    replicas.get(2).onDisconnected(1, nowNs);
    long mods = record.modRevision();
    for (int i = 0; i < 2 * CONFIG.lostNs() / MS; i++) {
      step();
    }

    assertThat(record.inSync()).hasSize(3);
    assertThat(record.modRevision()).isEqualTo(mods);
  }

  @Test
  void whoTakesOverDoesNotWaitForTheDeadOneLong() {
    leadWithAllInSync(15);
    long killedNs = nowNs;

    dead.add(1);
    replicas.get(0).onDisconnected(1, nowNs);
    replicas.get(2).onDisconnected(1, nowNs);
    while (record.inSync().size() == 3 && nowNs - killedNs < CONFIG.lagNs()) {
      step();
    }

    assertThat(record.inSync()).containsExactlyInAnyOrder(replica(0), replica(2));
    assertThat(record.term()).isEqualTo(TERM + 3); // with the takeover itself
    assertThat((nowNs - killedNs) / MS).isLessThan(2 * CONFIG.roundNs() / MS);
  }

  @Test
  void whoGaveTheLeadAwayAndStopsIsNotWaitedForAgain() {
    var leader = leadWithAllInSync(16);

    assertThat(leader.handOver(0, nowNs)).isTrue();
    leader.leave();
    stepUntilLedBy(0);
    for (int i = 0; i < CONFIG.silenceNs() / MS; i++) {
      step();
      assertThat(record.inSync()).containsExactlyInAnyOrder(replica(0), replica(2));
    }
    assertThat(left).as("nodes that need not open their log again").containsExactly(1);
  }

  @Test
  void whoGaveTheLeadAwayAndStopsIsThereUntilThenWhenItIsNeededToCommit() {
    record =
        new LogRecord(record.id(), List.of(0, 1, 2), 3, record.inSync(), List.of(), 0, TERM, 1);
    var leader = leadWithAllInSync(21);
    while (!leader.handOver(0, nowNs)) {
      step();
      assertThat(nowNs / MS).isLessThan(CONFIG.silenceNs() / MS);
    }

    leader.leave();
    stepUntilLedBy(0);
    while (record.inSync().size() < 3) {
      step();
      assertThat(nowNs / MS).isLessThan(CONFIG.silenceNs() / MS);
    }
    assertThat(left).isEmpty();
  }

  @Test
  void whoGaveTheLeadAwayAndStaysComesInSyncAgain() {
    var leader = leadWithAllInSync(17);

    assertThat(leader.handOver(0, nowNs)).isTrue();
    stepUntilLedBy(0);
    while (record.inSync().size() < 3) {
      step();
      assertThat(nowNs / MS).isLessThan(CONFIG.silenceNs() / MS);
    }
  }

  /** Followers do not talk to one another. */
  @Test
  void whoTakesOverWaitsForOneThatCameBackLongAgo() {
    var leader = leadWithAllInSync(18);
    dead.add(2);
    replicas.get(0).onDisconnected(2, nowNs);
    leader.onDisconnected(2, nowNs);
    while (record.inSync().size() == 3) {
      step();
    }
    dead.remove(2);
    replicas.get(2).onDisconnected(1, nowNs);
    while (record.inSync().size() < 3) {
      step();
    }

    assertThatBothOthersStayAfterHandOver(leader);
  }

  /** Its loss and its return were one step of the record, as seen from here. */
  @Test
  void whoTakesOverListensBeforeItBelievesThatAnotherIsLost() {
    var leader = leadWithAllInSync(19);
    replicas.get(0).onDisconnected(2, nowNs);
    for (int i = 0; i < 2 * CONFIG.lostNs() / MS; i++) {
      step();
    }

    assertThatBothOthersStayAfterHandOver(leader);
  }

  @Test
  void whoTakesOverHasItsFollowersAtOnceThoughTheyKnowOfItFirst() {
    var leader = leadWithAllInSync(20);
    firstToKnow = 2;

    assertThat(leader.handOver(0, nowNs)).isTrue();
    stepUntilLedBy(0);
    long ledNs = nowNs;
    while (opened.isEmpty()) {
      step();
    }

    assertThat(opened).containsOnly(2);
    assertThat((nowNs - ledNs) / MS).isLessThan(5);
  }

  private void assertThatBothOthersStayAfterHandOver(ReplicaMachine leader) {
    assertThat(leader.handOver(0, nowNs)).isTrue();
    stepUntilLedBy(0);
    for (int i = 0; i < CONFIG.lagNs() / MS; i++) {
      assertThat(record.inSync()).contains(replica(0), replica(2));
      step();
    }
  }

  @Test
  void logsAreHandedOverInTurnToAllThatHaveCaughtUp() {
    var leader = leadWithAllInSync(10);

    var asked = new ArrayList<Integer>();
    for (int turn = 0; turn < 4; turn++) {
      assertThat(leader.handOver(turn, nowNs)).isTrue();
      for (var effect = leader.poll(); effect != null; effect = leader.poll()) {
        if (effect instanceof ReplicaEffect.Send(int node, ReplicaMessage.TakeOver takeOver)) {
          asked.add(node);
        }
      }
    }

    assertThat(asked).containsExactly(0, 2, 0, 2);
  }
}
