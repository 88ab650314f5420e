package io.tidelog.hot.replica;

import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.leader.Durability;
import io.tidelog.metadata.api.LogRecord;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides what one replica of a log does, from what it is told: the log's record, messages of the
 * other replicas, time. The agreed record is the only arbiter: a replica leads when a swap of it
 * says so, and commits nothing without every member of the in-sync set (Kafka's protocol as in
 * KIP-101, 279, 320, 497 and 966, with takeover by the members themselves).
 *
 * <p>It follows by a {@link FollowerRole}, leads by a {@link LeaderRole}, and comes from the one to
 * the other by its {@link CandidateRole}; what they want goes through it, in one order.
 *
 * <p>Promises: it acknowledges only to the leader of the newest record it has seen, in the stream
 * under way, and to nobody while a proposal of its own may still win; one term is led by one
 * process once. Leaves to its driver: to carry out the {@link ReplicaEffect effects} in order, and
 * to tell it what came of them. Belongs to the log's lane.
 */
public final class ReplicaMachine {

  private enum State {
    /** The log is being opened, cut or copied by the driver. */
    OPENING,
    FOLLOWING,
    /** The record says that this process leads; the driver prepares it. */
    TAKING_OVER,
    LEADING,
    BROKEN
  }

  private final Parts parts;
  private final ReplicaConfig config;
  private final LocalLog log;
  private final LostNodes lost = new LostNodes();
  private final ArrayDeque<ReplicaEffect> effects = new ArrayDeque<>();
  private final RecordCalls registry;
  private final CandidateRole candidate;
  private final Takeover takeover;
  private ReplicaId self;
  private State state = State.OPENING;
  private @Nullable LogRecord record;
  private @Nullable FollowerRole follower;
  private @Nullable LeaderRole leader;

  /** The term this process leads in, once it does. */
  private long leadingTerm;

  /** This process is about to stop. */
  private boolean isLeaving;

  private boolean isAcknowledgementDue;
  private long nonces;

  /**
   * What a machine begins with.
   *
   * @param promise kept from an earlier process, or {@link Promise#NONE}
   * @param suspended none; what a simulator takes away to see that it is missed
   */
  public record Parts(
      ReplicaId self,
      ReplicaConfig config,
      Durability durability,
      LocalLog log,
      Promise promise,
      Set<SafetyRule> suspended) {}

  /**
   * @param random for times at which replicas should not do the same
   */
  public ReplicaMachine(Parts parts, RandomGenerator random) {
    this.parts = parts;
    this.self = parts.self();
    this.config = parts.config();
    this.log = parts.log();
    this.registry = new RecordCalls(config.retryNs(), effects::add);
    this.candidate = new CandidateRole(parts, registry, random, effects::add);
    this.takeover = candidate.takeover();
    this.nonces = random.nextLong() >>> 1;
  }

  /** The next thing to do, or null; to be asked for after each call until there is none. */
  public @Nullable ReplicaEffect poll() {
    return effects.poll();
  }

  public ReplicaId self() {
    return self;
  }

  /** Whether this process leads the log, as far as it knows. */
  public boolean isLeading() {
    return state == State.LEADING;
  }

  /** The newest record seen, or null. */
  public @Nullable LogRecord record() {
    return record;
  }

  /** The log is open: after the start, and after {@link ReplicaEffect.Depose}. */
  public void onOpened(long nowNs) {
    state = State.FOLLOWING;
    follow(nowNs);
  }

  /** The log is a copy of the leader's checkpoint now, on what counts as another disk. */
  public void onCopied(ReplicaId newSelf, long nowNs) {
    self = newSelf;
    state = State.FOLLOWING;
    follower = null;
    follow(nowNs);
  }

  /** The copy that was waited for is waited for no more; nothing of it was installed. */
  public void onCopyForgotten(long nowNs) {
    follower = null;
    follow(nowNs);
  }

  public void onTruncated(long nowNs) {
    if (follower != null && follower.isBusy()) {
      follower.onTruncated(nowNs);
      acknowledge();
    }
    state = State.FOLLOWING;
    follow(nowNs);
  }

  /** A picture of the log's record, however it came; older ones than known are passed over. */
  public void onRecord(LogRecord next, long nowNs) {
    var known = record;
    boolean isOlder = known != null && next.modRevision() <= known.modRevision();
    if (known != null && isOlder && (keeps(SafetyRule.NEWEST_RECORD_ONLY) || next.equals(known))) {
      if (next.modRevision() == known.modRevision()) {
        onRecordUnchanged(nowNs);
      }
      return;
    }
    takeover.onRecord(known, next);
    lost.onRecord(known, next);
    record = next;
    switch (state) {
      case LEADING, TAKING_OVER -> onRecordAsLeader(next);
      case FOLLOWING -> onRecordAsFollower(next, nowNs);
      case OPENING, BROKEN -> {}
    }
  }

  /** What was proposed has not been carried out, and may still be: it is proposed again. */
  private void onRecordUnchanged(long nowNs) {
    if (leader != null) {
      leader.onRecordUnchanged(nowNs);
    } else {
      takeover.onRecordUnchanged(nowNs);
    }
  }

  private void onRecordAsLeader(LogRecord next) {
    boolean isStill = next.leader() == self.nodeId() && next.term() == leadingTerm;
    if (isStill && leader != null) {
      leader.onRecord(next);
    } else if (!isStill) {
      depose("term " + next.term() + " is led by node " + next.leader());
    }
  }

  private void depose(String why) {
    leader = null;
    takeover.forget();
    state = State.OPENING;
    effects.add(new ReplicaEffect.Depose(why, hasLeft()));
  }

  private boolean hasLeft() {
    return isLeaving && record != null && !record.mayLead(self);
  }

  private void onRecordAsFollower(LogRecord next, long nowNs) {
    candidate.stopCampaign();
    if (takeover.isWonBy(next)) {
      takeover.onWon();
      leadingTerm = next.term();
      follower = null;
      state = State.TAKING_OVER;
      effects.add(new ReplicaEffect.Lead(next, keeps(SafetyRule.SHOWN_ONCE_PROVEN)));
      return;
    }
    boolean isOther =
        follower == null || follower.term() != next.term() || follower.leader() != next.leader();
    if (isOther && follower != null && follower.isCopying()) {
      effects.add(new ReplicaEffect.ForgetCopy()); // another one leads, who knows nothing of it
    }
    if (isOther) {
      follow(nowNs);
    }
  }

  private boolean isBusy() {
    return follower != null && follower.isBusy();
  }

  /** Follows whom the record says, unless the driver is still busy for another one. */
  private void follow(long nowNs) {
    var at = record;
    if (at == null || isBusy()) {
      return;
    }
    boolean isSame =
        follower != null && follower.term() == at.term() && follower.leader() == at.leader();
    if (isSame) {
      return;
    }
    boolean hasOther = at.leader() != LogRecord.NO_LEADER && at.leader() != self.nodeId();
    follower = hasOther ? new FollowerRole(roleParts(), at, nowNs) : null;
    // Nobody else can end a wait for oneself; the first of the replicas begins a new log.
    boolean isFirst = at.replicas().getFirst() == self.nodeId();
    candidate.onOtherLeader(hasOther || (at.leader() == LogRecord.NO_LEADER && !isFirst), nowNs);
    openStream(nowNs);
  }

  /** Unless it is open: at once, since the leader cannot begin its term without followers. */
  private void openStream(long nowNs) {
    if (follower != null && !hasPromised() && !hasLeft()) {
      follower.onTick(++nonces, nowNs);
    }
  }

  private LeaderRole.Parts roleParts() {
    return new LeaderRole.Parts(
        self, config, parts.durability(), log, parts.suspended(), lost, effects::add);
  }

  private boolean keeps(SafetyRule rule) {
    return !parts.suspended().contains(rule);
  }

  /** The start of the term is in the log. */
  public void onLeading(long termEndLsn, long nowNs) {
    var at = record;
    if (state == State.TAKING_OVER && at != null) {
      state = State.LEADING;
      var begun = new LeaderRole(roleParts(), at, termEndLsn, nowNs);
      leader = begun;
      takeover.takeEarly().forEach((node, open) -> begun.onOpen(node, open, nowNs));
    }
  }

  /** Nodes that are alive, as their leases say; a hint. */
  public void onLive(Set<Integer> nodes) {
    candidate.onLive(nodes);
  }

  /** A message for this log from a node. */
  public void onMessage(int from, ReplicaMessage message, long nowNs) {
    if (state == State.BROKEN) {
      return;
    }
    lost.onHeard(from);
    switch (message) {
      case ReplicaMessage.Open open -> onOpen(from, open, nowNs);
      case ReplicaMessage.Acknowledged ack -> {
        if (leader != null) {
          leader.onAcknowledged(from, ack, nowNs);
        }
      }
      case ReplicaMessage.Probe probe -> {
        if (record != null) {
          boolean leads = state == State.LEADING || state == State.TAKING_OVER;
          candidate.answer(from, probe, standing(record), leads, nowNs);
        }
      }
      case ReplicaMessage.ProbeAnswer answer -> {
        if (record != null) {
          candidate.onAnswer(from, answer, standing(record), nowNs);
        }
      }
      case ReplicaMessage.Denied denied -> {
        if (record == null || denied.term() > record.term()) {
          registry.maybeRead(nowNs);
        }
      }
      // Checkpoints are served and asked for by the driver, and partitions none of its business.
      case ReplicaMessage.CheckpointWanted _, ReplicaMessage.CheckpointPart _ -> {}
      case ReplicaMessage.MoveAsk _, ReplicaMessage.MovePart _ -> {}
      case ReplicaMessage.NeedsAsk _, ReplicaMessage.Needs _ -> {}
      case ReplicaMessage.TakeOver takeOver -> onTakeOver(from, takeOver);
      case ReplicaMessage.Leave leave -> {
        if (leader != null) {
          leader.onLeave(leave, nowNs);
        }
      }
      case ReplicaMessage.Opened opened -> onFromLeader(from, opened, nowNs);
      case ReplicaMessage.CopyFirst copy -> onFromLeader(from, copy, nowNs);
      case ReplicaMessage.Append append -> onFromLeader(from, append, nowNs);
    }
  }

  private void onOpen(int from, ReplicaMessage.Open open, long nowNs) {
    if (leader != null) {
      leader.onOpen(from, open, nowNs);
    } else if (!takeover.keepsEarly(from, open, record)) {
      long known = record == null ? 0 : record.term();
      send(from, new ReplicaMessage.Denied(known, open.nonce()));
    }
    if (record == null || open.term() > record.term()) {
      registry.maybeRead(nowNs);
    }
  }

  private void onFromLeader(int from, ReplicaMessage message, long nowNs) {
    var role = follower;
    if (state != State.FOLLOWING || role == null || role.leader() != from || hasPromised()) {
      return;
    }
    isAcknowledgementDue |= role.onMessage(message, candidate, nowNs);
  }

  /** The driver has carried out all effects: what is written is told. */
  public void onCarriedOut() {
    if (isAcknowledgementDue) {
      isAcknowledgementDue = false;
      acknowledge();
    }
  }

  /** More is on stable storage here. */
  public void onSynced() {
    acknowledge();
  }

  private void acknowledge() {
    if (follower != null && state == State.FOLLOWING && !hasPromised()) {
      follower.acknowledge();
    }
  }

  private boolean hasPromised() {
    return record == null || takeover.hasPromised(record);
  }

  /** What the leader sent was not written here: its bytes are bad, or there is no room. */
  public void onWriteRefused(long nowNs) {
    if (follower != null) {
      follower.reopen(nowNs + config.retryNs());
    }
  }

  /**
   * What the leader sent is from a time that has not come yet, and was not written here. When the
   * others say so too, it has the wrong time and is lost as a leader.
   */
  public void onLeaderAhead(long nowNs) {
    candidate.watch().onAhead(nowNs);
  }

  /** What the leader sent was written here. */
  public void onTaken() {
    candidate.watch().onTaken();
  }

  /** The leader has written more. */
  public void onWritten() {
    if (leader != null) {
      leader.onWritten();
    }
  }

  public void onSent(int nodeId, long stream, long endLsn) {
    if (leader != null) {
      leader.onSent(nodeId, stream, endLsn);
    }
  }

  public void onRangeGone(int nodeId, long stream) {
    if (leader != null) {
      leader.onRangeGone(nodeId, stream);
    }
  }

  /** A connection to the node has ended, so its process may have. */
  public void onDisconnected(int nodeId, long nowNs) {
    lost.onDisconnected(nodeId, nowNs);
    if (leader != null) {
      leader.onDisconnected(nodeId);
    }
    if (follower != null && follower.leader() == nodeId) {
      follower.reopen(nowNs);
      candidate.watch().onLost(nowNs);
    }
  }

  /** To be called every few milliseconds, and after anything that was waited for. */
  public void onTick(long nowNs) {
    if (record == null) {
      registry.maybeRead(nowNs);
      return;
    }
    if (leader != null) {
      leader.onTick(nowNs);
    }
    if (state != State.FOLLOWING) {
      return;
    }
    takeover.onTick(nowNs);
    if (takeover.isInDoubt()) {
      registry.maybeRead(nowNs);
      return;
    }
    candidate.maybeVoidPromise(record, nowNs);
    if (log.lastTerm() > record.term()) {
      registry.maybeRead(nowNs); // what is on the disk was written under a later leader
    }
    openStream(nowNs);
    candidate.onTick(standing(record), ++nonces, nowNs);
  }

  private CandidateRole.Standing standing(LogRecord at) {
    return new CandidateRole.Standing(at, self, isBusy());
  }

  /** The leader itself asks: there is nobody to be asked. */
  private void onTakeOver(int from, ReplicaMessage.TakeOver takeOver) {
    boolean isFromLeader = follower != null && follower.leader() == from;
    if (record != null && state == State.FOLLOWING && isFromLeader) {
      candidate.onTakeOver(takeOver, standing(record));
    }
  }

  /** The promise is on stable storage: nothing is acknowledged, and the swap may be tried. */
  public void onPromised(Promise kept, long nowNs) {
    takeover.onPromiseWritten();
    var at = record;
    if (at != null && state == State.FOLLOWING) {
      takeover.propose(kept, at, self, lost, nowNs);
    }
  }

  /** The promise could not be written: nothing is proposed, and it ends when it can be voided. */
  public void onPromiseNotKept() {
    takeover.onPromiseWritten();
  }

  /** It is not known what became of the proposal; reading the record tells, sooner or later. */
  public void onProposalFailed(long nowNs) {
    takeover.onProposalFailed();
    if (leader != null) {
      leader.onProposalFailed(nowNs);
    }
  }

  /** Whether this process leads and all in sync have what is written here. */
  public boolean isReplicated() {
    return leader != null && leader.isReplicated();
  }

  /** Whether this process leads and somebody is there to take over. */
  public boolean mayHandOver(long nowNs) {
    return leader != null && leader.mayHandOver(nowNs);
  }

  /**
   * Asks an in-sync follower to take over; false when none can.
   *
   * @param turn another one for each log, so that not all go to the same node
   */
  public boolean handOver(int turn, long nowNs) {
    return leader != null && leader.handOver(turn, nowNs);
  }

  /**
   * This process is about to stop: tells the leader it follows, who then need not wait for it, and
   * follows nobody anew who can do without it.
   */
  public void leave() {
    isLeaving = true;
    if (follower != null) {
      follower.leave();
    }
  }

  /** The log can go on no more here. */
  public void onBroken() {
    state = State.BROKEN;
    leader = null;
    follower = null;
    candidate.stopCampaign();
    takeover.forget();
  }

  private void send(int nodeId, ReplicaMessage message) {
    effects.add(new ReplicaEffect.Send(nodeId, message));
  }
}
