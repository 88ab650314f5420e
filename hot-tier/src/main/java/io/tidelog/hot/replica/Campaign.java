package io.tidelog.hot.replica;

import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.LogRecord;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One attempt to take over: asks the other replicas whether they have lost the leader too (as
 * Raft's pre-vote), and says whether to go on. Nothing depends on the answers but peace: who wins
 * is decided by the swap of the record alone.
 */
final class Campaign {

  /** What to do now. */
  enum Advice {
    WAIT,
    /** The leader is heard by others, or too few answer. */
    GIVE_UP,
    /** The record is out of date. */
    READ_RECORD,
    /** Another one should, or may have to, and is given a little time for it. */
    LEAVE_TO_OTHER,
    GO
  }

  private final LogRecord record;
  private final ReplicaId self;
  private final long round;
  private final long untilNs;
  private final Set<Integer> asked = new LinkedHashSet<>();
  private final Map<Integer, ReplicaMessage.ProbeAnswer> answers = new HashMap<>();

  Campaign(LogRecord record, ReplicaId self, long round, long untilNs) {
    this.record = record;
    this.self = self;
    this.round = round;
    this.untilNs = untilNs;
    asked.addAll(record.replicas());
    record.inSync().forEach(member -> asked.add(member.nodeId()));
    record.electable().forEach(member -> asked.add(member.nodeId()));
    asked.remove(self.nodeId());
  }

  /** What the leader says of itself does not count: its clock is wrong, as far as we know. */
  void distrustLeader() {
    asked.remove(record.leader());
  }

  Set<Integer> asked() {
    return asked;
  }

  long round() {
    return round;
  }

  void onAnswer(int nodeId, ReplicaMessage.ProbeAnswer answer) {
    if (answer.round() == round && asked.contains(nodeId)) {
      answers.put(nodeId, answer);
    }
  }

  /**
   * @param live nodes known to be alive; the others count as having lost the leader
   * @param isPatient whether another one that is better is left some time to go itself
   * @param needsAll whether everyone who may lead is to be heard, as long as one is patient
   */
  Advice advice(LocalLog log, Set<Integer> live, boolean isPatient, boolean needsAll, long nowNs) {
    for (var answer : answers.values()) {
      if (answer.term() > record.term()) {
        return Advice.READ_RECORD;
      }
      if (!answer.lost() && answer.term() == record.term()) {
        return Advice.GIVE_UP;
      }
    }
    boolean isOver = nowNs >= untilNs;
    if (answers.size() < asked.size() && !isOver) {
      return Advice.WAIT;
    }
    if (!isMajority(live)) {
      return Advice.GIVE_UP;
    }
    boolean isWaiting = isOtherBetter(log) || (needsAll && !haveAllAnswered());
    return isPatient && isWaiting ? Advice.LEAVE_TO_OTHER : Advice.GO;
  }

  /** All who have everything that is committed, and were asked. */
  private boolean haveAllAnswered() {
    return Stream.concat(record.inSync().stream(), record.electable().stream())
        .map(ReplicaId::nodeId)
        .allMatch(node -> answers.containsKey(node) || !asked.contains(node));
  }

  private boolean isMajority(Set<Integer> live) {
    int lost = 0;
    for (int node : record.replicas()) {
      if (node == self.nodeId() || answers.containsKey(node) || !live.contains(node)) {
        lost++;
      }
    }
    return 2 * lost > record.replicas().size();
  }

  /**
   * In sync comes before electable, a longer log before a shorter one, then the order of wishes.
   */
  private boolean isOtherBetter(LocalLog log) {
    boolean isInSync = record.inSync().contains(self);
    for (var answer : answers.values()) {
      boolean otherInSync = record.inSync().contains(answer.from());
      if (!answer.mayLead() || (isInSync && !otherInSync)) {
        continue;
      }
      int further = Long.compare(answer.lastTerm(), log.lastTerm());
      further = further != 0 ? further : Long.compare(answer.endLsn(), log.endLsn());
      further = further != 0 ? further : rank(self.nodeId()) - rank(answer.from().nodeId());
      if ((otherInSync && !isInSync) || further > 0) {
        return true;
      }
    }
    return false;
  }

  private int rank(int nodeId) {
    int at = record.replicas().indexOf(nodeId);
    return at < 0 ? Integer.MAX_VALUE / 2 : at;
  }
}
