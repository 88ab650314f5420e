package io.tidelog.simulation.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.leader.Durability;
import io.tidelog.hot.replica.Promise;
import io.tidelog.hot.replica.ReplicaEffect;
import io.tidelog.hot.replica.ReplicaMachine;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.hot.replica.SafetyRule;
import io.tidelog.metadata.api.LogRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a follower acknowledged before it was another one: in an earlier term (H3), on another disk
 * or in an earlier stream (H9, H11). Node 1 leads in term 5 with 100 entries, of which node 2 has
 * some, and has said before that it has more.
 */
class StaleAcknowledgementTest {

  private static final long SECOND_NS = 1_000_000_000;
  private static final int AGREED = 50;
  private static final int SAID_BEFORE = 80;

  private static final ReplicaId LEADER = new ReplicaId(1, new UUID(1, 1));
  private static final ReplicaId FOLLOWER = new ReplicaId(2, new UUID(2, 2));

  private final ModelLog log = new ModelLog(Hole.NONE);

  /** The last that the log was allowed to commit with what others have. */
  private long commitUpTo = -1;

  /** Streams in the order in which they were opened. */
  private final List<Long> streams = new ArrayList<>();

  /** The stream of each range that was sent. */
  private final List<Long> sentInStream = new ArrayList<>();

  private long nowNs = SECOND_NS;

  private ReplicaMachine leading(Set<SafetyRule> suspended) {
    for (int i = 0; i < AGREED; i++) {
      log.append(new ModelLog.Entry(4, i, 0));
    }
    log.sync(log.endLsn());
    var parts =
        new ReplicaMachine.Parts(
            LEADER, SimReplica.CONFIG, Durability.FSYNC, log, Promise.NONE, suspended);
    var machine = new ReplicaMachine(parts, new Random(1));
    machine.onOpened(nowNs);
    var members = List.of(LEADER, FOLLOWER);
    var record =
        new LogRecord(
            SimReplica.log(), List.of(1, 2), 2, members, List.of(), LogRecord.NO_LEADER, 4, 1);
    machine.onRecord(record, nowNs);
    for (int i = 0; i < 100 && !machine.isLeading(); i++) {
      nowNs += SECOND_NS / 10;
      machine.onTick(nowNs);
      carryOut(machine);
    }
    assertThat(machine.isLeading()).isTrue();
    while (log.entries().size() < 100) {
      log.append(new ModelLog.Entry(log.lastTerm(), log.entries().size(), 0));
    }
    return machine;
  }

  private void carryOut(ReplicaMachine machine) {
    for (var effect = machine.poll(); effect != null; effect = machine.poll()) {
      switch (effect) {
        case ReplicaEffect.KeepPromise keep -> machine.onPromised(keep.promise(), nowNs);
        case ReplicaEffect.Propose propose -> machine.onRecord(propose.next().at(2), nowNs);
        case ReplicaEffect.Lead lead -> {
          log.append(new ModelLog.Entry(lead.record().term(), -1, 0));
          machine.onLeading(log.endLsn(), nowNs);
        }
        case ReplicaEffect.CommitUpTo upTo -> commitUpTo = upTo.lsn();
        case ReplicaEffect.Send(int node, ReplicaMessage.Opened opened) ->
            streams.add(opened.stream());
        case ReplicaEffect.SendRange range -> sentInStream.add(range.stream());
        default -> {}
      }
    }
  }

  private void tell(ReplicaMachine machine, ReplicaMessage message) {
    machine.onMessage(FOLLOWER.nodeId(), message, nowNs);
    carryOut(machine);
  }

  private void open(ReplicaMachine machine, ReplicaId from, int entries) {
    var history = log.history().subList(0, entries == 0 ? 0 : 1);
    long endLsn = (long) entries * ModelLog.ENTRY_BYTES;
    tell(machine, new ReplicaMessage.Open(5, 1, from, 0, endLsn, history));
  }

  private static ReplicaMessage acknowledged(long term, long stream, ReplicaId from, int entries) {
    long lsn = (long) entries * ModelLog.ENTRY_BYTES;
    return new ReplicaMessage.Acknowledged(term, stream, from, lsn, lsn, 1);
  }

  private int committable() {
    return (int) Math.floorDiv(commitUpTo, ModelLog.ENTRY_BYTES);
  }

  /** In term 3 it had entries that were cut since; what it said of them comes now. */
  private int committableAfterLateWordOfTerm3(Set<SafetyRule> suspended) {
    var machine = leading(suspended);
    open(machine, FOLLOWER, AGREED);
    tell(machine, acknowledged(5, streams.getLast(), FOLLOWER, AGREED));
    tell(machine, acknowledged(3, 1, FOLLOWER, SAID_BEFORE));
    return committable();
  }

  @Test
  void whatWasAcknowledgedInAnEarlierTermIsNotCommitted() {
    assertThat(committableAfterLateWordOfTerm3(Set.of())).isEqualTo(AGREED);
  }

  @Test
  void countingEarlierTermsWouldCommitWhatTheFollowerHasNot() {
    var suspended = Set.of(SafetyRule.ACKNOWLEDGED_IN_THIS_TERM);
    assertThat(committableAfterLateWordOfTerm3(suspended)).isEqualTo(SAID_BEFORE);
  }

  /** It lost its disk; what it said with the old one, in the stream before, comes now. */
  private int committableAfterLateWordOfALostDisk(Set<SafetyRule> suspended) {
    var machine = leading(suspended);
    open(machine, FOLLOWER, AGREED);
    long before = streams.getLast();
    tell(machine, acknowledged(5, before, FOLLOWER, AGREED));
    open(machine, new ReplicaId(2, new UUID(9, 9)), 0);
    tell(machine, acknowledged(5, before, FOLLOWER, SAID_BEFORE));
    return committable();
  }

  @Test
  void whatALostDiskAcknowledgedIsNotCommitted() {
    assertThat(committableAfterLateWordOfALostDisk(Set.of())).isEqualTo(AGREED);
  }

  @ParameterizedTest
  @EnumSource(names = {"ACKNOWLEDGED_IN_THIS_STREAM", "KNOWN_BY_DISK"})
  void oneOfTheRulesIsEnoughForALostDisk(SafetyRule suspended) {
    assertThat(committableAfterLateWordOfALostDisk(Set.of(suspended))).isEqualTo(AGREED);
  }

  @Test
  void withoutBothWhatIsLostWouldPassForCommitted() {
    var suspended = Set.of(SafetyRule.ACKNOWLEDGED_IN_THIS_STREAM, SafetyRule.KNOWN_BY_DISK);
    assertThat(committableAfterLateWordOfALostDisk(suspended)).isEqualTo(SAID_BEFORE);
  }

  /** Its connection ended; what it said before comes late. */
  private List<Long> sentAfterLateWordOfAStream(Set<SafetyRule> suspended) {
    var machine = leading(suspended);
    open(machine, FOLLOWER, AGREED);
    machine.onDisconnected(FOLLOWER.nodeId(), nowNs);
    tell(machine, acknowledged(5, streams.getLast(), FOLLOWER, AGREED));
    return sentInStream;
  }

  @Test
  void nothingIsSentToOneThatHasNoStream() {
    assertThat(sentAfterLateWordOfAStream(Set.of())).isEmpty();
  }

  /** Who waits for a stream would take it, and then be told to agree with less: seed 4887. */
  @Test
  void countingAnEarlierStreamWouldSendOnInNone() {
    var suspended = Set.of(SafetyRule.ACKNOWLEDGED_IN_THIS_STREAM);
    assertThat(sentAfterLateWordOfAStream(suspended)).containsExactly(-1L);
  }

  private boolean isWipedOneProposed(Set<SafetyRule> suspended) {
    var machine = leading(suspended);
    open(machine, FOLLOWER, AGREED);
    tell(machine, acknowledged(5, streams.getLast(), FOLLOWER, SAID_BEFORE));
    var wiped = new ReplicaId(2, new UUID(9, 9));
    open(machine, wiped, 0);
    machine.onMessage(2, acknowledged(5, streams.getLast(), wiped, 0), nowNs);
    for (var effect = machine.poll(); effect != null; effect = machine.poll()) {
      if (effect instanceof ReplicaEffect.Propose propose) {
        return propose.next().inSync().contains(wiped);
      }
    }
    return false;
  }

  @Test
  void whoeverLostItsDiskJoinsWhenItHasEverythingAgain() {
    assertThat(isWipedOneProposed(Set.of())).isFalse();
  }

  @Test
  void rememberingItsOldDiskWouldLetItJoinWithNothing() {
    assertThat(isWipedOneProposed(Set.of(SafetyRule.FORGOTTEN_WITH_DISK))).isTrue();
  }
}
