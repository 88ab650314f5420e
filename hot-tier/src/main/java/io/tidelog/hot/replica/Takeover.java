package io.tidelog.hot.replica;

import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.LogRecord;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The way of a {@link ReplicaMachine} to a term of its own: the promise to acknowledge to nobody
 * else, and the proposal to lead, until the record is seen at another revision. Outlives campaigns,
 * as a promise is kept from an earlier process. Belongs to the log's lane.
 */
final class Takeover {

  private final int nodeId;
  private final ReplicaConfig config;
  private final boolean keepsPromises;
  private final boolean leavesToMembers;
  private final Consumer<ReplicaEffect> effects;

  /** The newest of each node. */
  private final Map<Integer, ReplicaMessage.Open> early = new TreeMap<>();

  private Promise promise;
  private boolean isPromising;
  private @Nullable LogRecord proposed;

  /** The registry has not said what became of the proposal. */
  private boolean isPending;

  private long proposedNs;

  /** Who led before the lead was handed to this replica; {@link LogRecord#NO_LEADER} else. */
  private int handedOverBy = LogRecord.NO_LEADER;

  Takeover(ReplicaMachine.Parts parts, Consumer<ReplicaEffect> effects) {
    this.nodeId = parts.self().nodeId();
    this.config = parts.config();
    this.keepsPromises = !parts.suspended().contains(SafetyRule.PROMISE_IS_KEPT);
    this.leavesToMembers = !parts.suspended().contains(SafetyRule.LED_BY_WHO_HAS_ALL);
    this.promise = parts.promise();
    this.effects = effects;
  }

  /** Whether others get no acknowledgement, by a promise made at this record or a newer one. */
  boolean hasPromised(LogRecord at) {
    return promise.baseRevision() >= at.modRevision() && keepsPromises;
  }

  /** Whether nothing is promised or proposed just now. */
  boolean isIdle() {
    return proposed == null && !isPromising;
  }

  /** Whether the registry is to be asked what became of what was proposed. */
  boolean isInDoubt() {
    return proposed != null && !isPending;
  }

  /** Promises to acknowledge to nobody while this record is the newest. */
  void promise(LogRecord at, long lastTerm) {
    long term = Math.max(Math.max(at.term(), lastTerm), promise.term()) + 1;
    isPromising = true;
    promise = new Promise(term, at.modRevision());
    effects.accept(new ReplicaEffect.KeepPromise(promise));
  }

  /** It is on stable storage, or could not be written. */
  void onPromiseWritten() {
    isPromising = false;
  }

  /**
   * Proposes to lead what the promise was made for, unless the record has changed since.
   *
   * @param lost nodes that nobody needs to wait for
   */
  void propose(Promise kept, LogRecord at, ReplicaId self, LostNodes lost, long nowNs) {
    boolean isMember = at.mayLead(self);
    boolean mayLead = isMember || !leavesToMembers;
    if (kept.equals(promise) && kept.baseRevision() == at.modRevision() && mayLead) {
      // One that is no member is made one here where a rule is suspended only.
      var among = isMember ? at : at.grownBy(self);
      propose(withoutAbsent(among.takenOverBy(self, kept.term()), lost), nowNs);
    }
  }

  /**
   * Who has handed the lead over opens its log again, and who is lost may be dead: they are not
   * waited for, unless they are needed.
   */
  private LogRecord withoutAbsent(LogRecord next, LostNodes lost) {
    var absent =
        next.inSync().stream()
            .filter(member -> member.nodeId() == handedOverBy || lost.contains(member.nodeId()))
            .collect(Collectors.toSet());
    return absent.isEmpty() || next.inSync().size() - absent.size() < next.minInSync()
        ? next
        : next.shrunkBy(absent);
  }

  private void propose(LogRecord next, long nowNs) {
    proposed = next;
    isPending = true;
    proposedNs = nowNs;
    effects.accept(new ReplicaEffect.Propose(next));
  }

  /** The record is as it was: what was proposed may still be carried out, it is proposed again. */
  void onRecordUnchanged(long nowNs) {
    if (proposed != null && !isPending) {
      propose(proposed, nowNs);
    }
  }

  void onRecord(@Nullable LogRecord known, LogRecord next) {
    if (next.leader() != nodeId || known == null) {
      handedOverBy = LogRecord.NO_LEADER;
    } else if (known.leader() != nodeId) {
      handedOverBy = known.leader();
    }
    if (!isWonBy(next)) {
      proposed = null;
    }
    isPending = false;
  }

  /** Whether the record says that the proposal was carried out. */
  boolean isWonBy(LogRecord next) {
    return proposed != null && next.leader() == nodeId && next.term() == proposed.term();
  }

  /**
   * A follower may know before this process that it leads: what it asks is answered when the term
   * begins here. False when that term does not.
   */
  boolean keepsEarly(int from, ReplicaMessage.Open open, @Nullable LogRecord at) {
    boolean isToCome = at != null && open.term() >= at.term() && open.term() == promise.term();
    if (isToCome) {
      early.put(from, open);
    }
    return isToCome;
  }

  /** What was kept, by the node that asked; each once. */
  Map<Integer, ReplicaMessage.Open> takeEarly() {
    var taken = new TreeMap<>(early);
    early.clear();
    return taken;
  }

  /** The term that was proposed begins. */
  void onWon() {
    proposed = null;
    handedOverBy = LogRecord.NO_LEADER;
  }

  void onProposalFailed() {
    isPending = false;
  }

  void onTick(long nowNs) {
    if (isPending && nowNs - proposedNs >= config.proposalNs()) {
      isPending = false; // it may be lost, and may still win
    }
  }

  /** What was proposed is not waited for any more. */
  void forget() {
    proposed = null;
  }
}
