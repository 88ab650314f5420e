package io.tidelog.hot.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.leader.Durability;
import io.tidelog.metadata.api.LogRecord;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three replicas with the same log, whose messages take a millisecond, and what the record says.
 */
class HandOverTest {

  private static final long MS = 1_000_000;
  private static final long TERM = 5;

  /** Of every log. */
  private static final long END = 4_096;

  private static final ReplicaConfig CONFIG = ReplicaConfig.DEFAULT;

  private final List<ReplicaMachine> replicas = new ArrayList<>();
  private final ArrayDeque<Runnable> underWay = new ArrayDeque<>();
  private LogRecord record =
      new LogRecord(
          new LogId(new UUID(0, 1)),
          List.of(0, 1, 2),
          2,
          List.of(replica(0), replica(1), replica(2)),
          List.of(),
          0,
          TERM,
          1);
  private long nowNs = 1;

  /** So many are neither carried out nor answered. */
  private int lostProposals;

  /** Nodes that do nothing more. */
  private final Set<Integer> dead = new HashSet<>();

  /** Sees the record before the others do, or -1. */
  private int firstToKnow = -1;

  /** Followers that a leader has opened a stream to. */
  private final List<Integer> opened = new ArrayList<>();

  /** Followers answer heartbeats. */
  private boolean isAcknowledging;

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

  private void stepUntilLedBy(int node) {
    opened.clear();
    carryOutAll(1, replicas.get(1));
    while (!replicas.get(node).isLeading()) {
      step();
      assertThat(nowNs / MS).isLessThan(2 * CONFIG.silenceNs() / MS);
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

  /** Node 1, which all others acknowledge from now on. */
  private ReplicaMachine leadWithAllInSync(int seed) {
    begin(seed);
    isAcknowledging = true;
    record = record.handedTo(replica(1), TERM + 1).at(record.modRevision() + 1);
    replicas.forEach(replica -> replica.onRecord(record, nowNs));
    var leader = replicas.get(1);
    while (!leader.isLeading() || record.inSync().size() < 3) {
      step();
      assertThat(nowNs / MS).isLessThan(CONFIG.silenceNs() / MS);
    }
    return leader;
  }

  /** The leader in the record is an earlier process of node 0, so that nobody leads. */
  private void begin(int seed) {
    for (int node = 0; node < 3; node++) {
      var parts =
          new ReplicaMachine.Parts(
              replica(node),
              CONFIG,
              Durability.FSYNC,
              new StillLog(END, TERM),
              Promise.NONE,
              Set.of());
      var machine = new ReplicaMachine(parts, new Random(seed * 10L + node));
      replicas.add(machine);
      machine.onOpened(nowNs);
      machine.onLive(Set.of(0, 1, 2));
      machine.onRecord(record, nowNs);
    }
    for (int node = 1; node < 3; node++) {
      replicas.get(node).onMessage(0, heartbeat(), nowNs);
    }
    for (int node = 0; node < 3; node++) {
      replicas.get(node).poll(); // what was wanted before is over
    }
  }

  private static ReplicaMessage heartbeat() {
    return new ReplicaMessage.Append(TERM, 0, END, 0, END, 1, ByteBuffer.allocate(0));
  }

  private void step() {
    nowNs += MS;
    int delivered = underWay.size();
    for (int i = 0; i < delivered; i++) {
      underWay.remove().run();
    }
    for (int node = 0; node < 3; node++) {
      if (dead.contains(node)) {
        continue;
      }
      var machine = replicas.get(node);
      machine.onTick(nowNs);
      carryOutAll(node, machine);
      if (isAcknowledging) {
        machine.onCarriedOut();
        carryOutAll(node, machine);
      }
    }
  }

  /** Whoever is the first to know has said so to the others before they know. */
  private void tellOfRecord() {
    var told = record;
    if (firstToKnow < 0) {
      replicas.forEach(replica -> replica.onRecord(told, nowNs));
      return;
    }
    replicas.get(firstToKnow).onRecord(told, nowNs);
    carryOutAll(firstToKnow, replicas.get(firstToKnow));
    underWay.add(() -> underWay.add(() -> replicas.forEach(each -> each.onRecord(told, nowNs))));
  }

  private void carryOutAll(int node, ReplicaMachine machine) {
    for (var effect = machine.poll(); effect != null; effect = machine.poll()) {
      carryOut(node, machine, effect);
    }
  }

  private void carryOut(int node, ReplicaMachine machine, ReplicaEffect effect) {
    switch (effect) {
      case ReplicaEffect.Send send ->
          underWay.add(
              () -> {
                if (send.message() instanceof ReplicaMessage.Opened) {
                  opened.add(send.nodeId());
                }
                if (!dead.contains(send.nodeId())) {
                  replicas.get(send.nodeId()).onMessage(node, send.message(), nowNs);
                }
              });
      case ReplicaEffect.KeepPromise keep ->
          underWay.add(() -> machine.onPromised(keep.promise(), nowNs));
      case ReplicaEffect.Propose propose ->
          underWay.add(
              () -> {
                if (lostProposals > 0) {
                  lostProposals--;
                  return;
                }
                if (propose.next().modRevision() == record.modRevision()) {
                  record = propose.next().at(record.modRevision() + 1);
                }
                tellOfRecord();
              });
      case ReplicaEffect.ReadRecord read -> underWay.add(() -> machine.onRecord(record, nowNs));
      case ReplicaEffect.Lead lead -> machine.onLeading(END, nowNs);
      case ReplicaEffect.Depose depose -> machine.onOpened(nowNs);
      default -> {}
    }
  }

  private static ReplicaId replica(int node) {
    return new ReplicaId(node, new UUID(node, node));
  }
}
