package io.tidelog.hot.replica;

import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.leader.Durability;
import io.tidelog.metadata.api.LogRecord;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The leader's part of a {@link ReplicaMachine} in one term: follows its followers, decides who is
 * in sync and up to where the log is committed.
 *
 * <p>Promises: what it lets commit is as durable as the log promises on every member of the
 * <em>maximal</em> in-sync set, which is the agreed one and every one that was proposed and is not
 * known to have failed (KIP-497); only acknowledgements of this term and of the stream under way
 * count; nothing is let commit while the agreed set is too small.
 */
final class LeaderRole {

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final Parts parts;
  private final ReplicaId self;
  private final ReplicaConfig config;
  private final LocalLog log;
  private final Consumer<ReplicaEffect> effects;
  private final long term;

  /** Behind the frame that began the term. */
  private final long termEndLsn;

  private final long sinceNs;
  private final Map<Integer, Peer> peers = new LinkedHashMap<>();
  private LogRecord record;

  /** Proposed and perhaps carried out, now or later. */
  private @Nullable LogRecord proposed;

  private long proposedNs;
  private boolean isProposalUncertain;
  private long proposalRetryNs;
  private long nextStream = 1;
  private long heartbeatNs;
  private long handOverNs;
  private long commitUpTo = -1;
  private long serveUntilNs = Long.MIN_VALUE;

  LeaderRole(Parts parts, LogRecord record, long termEndLsn, long nowNs) {
    this.parts = parts;
    this.self = parts.self();
    this.config = parts.config();
    this.log = parts.log();
    this.effects = parts.effects();
    this.record = record;
    this.term = record.term();
    this.termEndLsn = termEndLsn;
    this.sinceNs = nowNs;
    this.heartbeatNs = nowNs;
    this.handOverNs = nowNs;
    effects.accept(new ReplicaEffect.CommitUpTo(commitUpTo));
    effects.accept(new ReplicaEffect.ServeUntil(serveUntilNs, Long.MIN_VALUE));
    effects.accept(new ReplicaEffect.InSyncEnough(record.commits()));
    commit();
    serve();
  }

  /** What a role works with. */
  record Parts(
      ReplicaId self,
      ReplicaConfig config,
      Durability durability,
      LocalLog log,
      Set<SafetyRule> suspended,
      LostNodes lost,
      Consumer<ReplicaEffect> effects) {

    boolean keeps(SafetyRule rule) {
      return !suspended.contains(rule);
    }
  }

  long term() {
    return term;
  }

  /** The record has changed, in this term. */
  void onRecord(LogRecord next) {
    boolean wasEnough = record.commits();
    record = next;
    proposed = null;
    isProposalUncertain = false;
    if (wasEnough != record.commits()) {
      effects.accept(new ReplicaEffect.InSyncEnough(record.commits()));
    }
    commit();
    serve();
  }

  /** The record was read again and is as it was: what was proposed may still be carried out. */
  void onRecordUnchanged(long nowNs) {
    var again = proposed;
    if (again != null && isProposalUncertain) {
      isProposalUncertain = false;
      proposedNs = nowNs;
      effects.accept(new ReplicaEffect.Propose(again));
    }
  }

  /** Perhaps of an earlier one, or of an earlier try of the same. */
  void onProposalFailed(long nowNs) {
    if (proposed != null) {
      isProposalUncertain = true;
      proposalRetryNs = nowNs + config.retryNs();
    }
  }

  /** Members that are counted: agreed on, or proposed. */
  private Set<ReplicaId> maximalInSync() {
    var members = new LinkedHashSet<>(record.inSync());
    if (proposed != null && parts.keeps(SafetyRule.PROPOSED_MEMBERS_COUNT)) {
      members.addAll(proposed.inSync());
    }
    if (proposed != null && !parts.keeps(SafetyRule.LEAVING_MEMBERS_COUNT)) {
      members.retainAll(proposed.inSync());
    }
    return members;
  }

  void onOpen(int nodeId, ReplicaMessage.Open open, long nowNs) {
    boolean isMember = record.replicas().contains(nodeId) || record.inSync().contains(open.from());
    if (open.term() != term || !isMember) {
      send(nodeId, new ReplicaMessage.Denied(record.term(), open.nonce()));
      return;
    }
    long agreed =
        parts.keeps(SafetyRule.COMPARED_BY_HISTORY)
            ? log.agreedLsn(open.history(), open.endLsn())
            : Math.min(open.endLsn(), log.endLsn());
    if (agreed < log.startLsn() || agreed < open.startLsn()) {
      send(nodeId, new ReplicaMessage.CopyFirst(term, open.nonce()));
      return;
    }
    var peer = new Peer(open.from(), nextStream++, agreed, nowNs);
    var before = peers.put(nodeId, peer);
    boolean isSameDisk = before != null && before.id.equals(peer.id);
    if (before != null && (isSameDisk || !parts.keeps(SafetyRule.FORGOTTEN_WITH_DISK))) {
      // Still true of its disk: what is agreed on was never taken back below this.
      peer.writtenLsn = isSameDisk ? Math.min(before.writtenLsn, agreed) : before.writtenLsn;
      peer.syncedLsn = isSameDisk ? Math.min(before.syncedLsn, agreed) : before.syncedLsn;
      peer.ackedNs = before.ackedNs;
      peer.caughtUpNs = before.caughtUpNs;
      peer.targetLsn = before.targetLsn;
      peer.targetNs = before.targetNs;
      peer.ackedSentNs = before.ackedSentNs;
    }
    send(
        nodeId,
        new ReplicaMessage.Opened(
            term, open.nonce(), peer.stream, agreed, log.segmentBaseLsn(agreed)));
  }

  void onAcknowledged(int nodeId, ReplicaMessage.Acknowledged ack, long nowNs) {
    var peer = peers.get(nodeId);
    if (peer == null || !counts(ack, peer)) {
      return;
    }
    peer.isOpen = true;
    peer.writtenLsn = Math.max(peer.writtenLsn, ack.writtenLsn());
    peer.syncedLsn = Math.max(peer.syncedLsn, ack.syncedLsn());
    if (ack.echoNs() > peer.ackedSentNs) {
      peer.ackedSentNs = ack.echoNs();
      peer.ackedNs = nowNs;
    }
    noteHowFar(peer, nowNs);
    commit();
    serve();
    maybeGrow(peer, nowNs);
    pump(nodeId, peer);
  }

  /**
   * As Kafka does: it has caught up at the time when the log ended where it is now, so that one
   * which answers and takes nothing is behind after a while (KIP-16).
   */
  private void noteHowFar(Peer peer, long nowNs) {
    long durable = durableLsn(peer);
    if (durable >= log.endLsn()) {
      peer.caughtUpNs = nowNs;
    } else if (durable >= peer.targetLsn) {
      peer.caughtUpNs = Math.max(peer.caughtUpNs, peer.targetNs);
    } else if (peer.targetLsn != Long.MAX_VALUE) {
      return;
    }
    peer.targetLsn = log.endLsn();
    peer.targetNs = nowNs;
  }

  private boolean counts(ReplicaMessage.Acknowledged ack, Peer peer) {
    return (ack.term() == term || !parts.keeps(SafetyRule.ACKNOWLEDGED_IN_THIS_TERM))
        && (ack.stream() == peer.stream
            || !parts.keeps(SafetyRule.ACKNOWLEDGED_IN_THIS_STREAM)
            || ack.term() != term)
        && (ack.from().equals(peer.id) || !parts.keeps(SafetyRule.KNOWN_BY_DISK));
  }

  void onDisconnected(int nodeId) {
    var peer = peers.get(nodeId);
    if (peer != null) {
      peer.stream = -1;
      peer.isOpen = false;
      peer.isSending = false;
    }
  }

  /** A follower is about to stop; in another stream it was another process. */
  void onLeave(ReplicaMessage.Leave leave, long nowNs) {
    var peer = find(leave.from());
    if (peer != null && leave.term() == term && leave.stream() == peer.stream) {
      peer.isLeaving = true;
      maybeShrink(nowNs);
    }
  }

  private @Nullable Peer find(ReplicaId member) {
    var peer = peers.get(member.nodeId());
    boolean isKnown = peer != null && peer.id.equals(member);
    return isKnown || !parts.keeps(SafetyRule.KNOWN_BY_DISK) ? peer : null;
  }

  private long durableLsn(Peer peer) {
    return parts.durability() == Durability.FSYNC ? peer.syncedLsn : peer.writtenLsn;
  }

  /** The bound goes down when a member joins; what is committed below it stays so. */
  private void commit() {
    if (!record.commits() && parts.keeps(SafetyRule.FROZEN_BELOW_MINIMUM)) {
      return; // frozen where it is: all that were members have what is below
    }
    long least = Long.MAX_VALUE;
    for (var member : maximalInSync()) {
      if (!member.equals(self)) {
        var peer = find(member);
        least = Math.min(least, peer == null ? -1 : durableLsn(peer));
      }
    }
    if (least != commitUpTo) {
      commitUpTo = least;
      effects.accept(new ReplicaEffect.CommitUpTo(least));
    }
  }

  private long heardNs(ReplicaId member) {
    var peer = find(member);
    return peer == null || peer.ackedSentNs == 0 ? Long.MIN_VALUE : peer.ackedSentNs;
  }

  /** Whoever may lead must have been heard: all that are in sync, perhaps or no more. */
  private void serve() {
    var members = new LinkedHashSet<>(record.inSync());
    if (parts.keeps(SafetyRule.HEARD_OF_ALL_WHO_MAY_LEAD)) {
      members.addAll(maximalInSync());
      members.addAll(record.electable());
    }
    long provenNs = Long.MAX_VALUE;
    for (var member : members) {
      if (!member.equals(self)) {
        provenNs = Math.min(provenNs, heardNs(member));
      }
    }
    boolean isFar = provenNs == Long.MAX_VALUE || provenNs == Long.MIN_VALUE;
    long until = isFar ? provenNs : provenNs + config.authorityNs();
    if (until != serveUntilNs) {
      serveUntilNs = until;
      effects.accept(new ReplicaEffect.ServeUntil(until, provenNs));
    }
  }

  /**
   * A follower has caught up: with all that is committed, and with the beginning of this term,
   * without which the commit LSN may be an old one (KIP-966).
   */
  private void maybeGrow(Peer peer, long nowNs) {
    long durable = durableLsn(peer);
    if (proposed == null
        && !record.inSync().contains(peer.id)
        && record.replicas().contains(peer.id.nodeId())
        && peer.ackedSentNs != 0
        && !peer.isLeaving
        && nowNs - peer.ackedNs <= config.heartbeatNs() * 2
        && (durable >= termEndLsn || !parts.keeps(SafetyRule.JOINS_WITH_TERM_START))
        && (durable >= log.commitLsn() || !parts.keeps(SafetyRule.JOINS_WITH_ALL_COMMITTED))) {
      propose(record.grownBy(peer.id), nowNs);
    }
  }

  private void maybeShrink(long nowNs) {
    if (proposed != null) {
      return;
    }
    var gone = new HashSet<ReplicaId>();
    for (var member : record.inSync()) {
      boolean isEnough = record.inSync().size() - gone.size() > record.minInSync();
      if (!member.equals(self) && (isBehind(member, nowNs) || (isEnough && isLeaving(member)))) {
        gone.add(member);
      }
    }
    if (!gone.isEmpty()) {
      propose(record.shrunkBy(gone), nowNs);
    }
  }

  private boolean isLeaving(ReplicaId member) {
    var peer = find(member);
    return peer != null && peer.isLeaving;
  }

  private boolean isBehind(ReplicaId member, long nowNs) {
    var peer = find(member);
    if (parts.lost().isLost(member.nodeId(), sinceNs, config.lostNs(), nowNs)) {
      return true;
    }
    if (peer == null) {
      return nowNs - sinceNs > config.lagNs();
    }
    return nowNs - Math.max(peer.ackedNs, sinceNs) > config.lagNs()
        || nowNs - Math.max(peer.caughtUpNs, sinceNs) > config.lagNs()
        || log.endLsn() - Math.max(0, peer.writtenLsn) > config.lagBytes()
        || isNoReplica(member);
  }

  /** The controller has taken the log from its node, and enough others are in sync. */
  private boolean isNoReplica(ReplicaId member) {
    return !record.replicas().contains(member.nodeId())
        && record.inSync().size() > record.minInSync();
  }

  private void propose(LogRecord next, long nowNs) {
    proposed = next;
    proposedNs = nowNs;
    isProposalUncertain = false;
    // A new member is counted from now on: the proposal may be carried out unseen.
    commit();
    serve();
    effects.accept(new ReplicaEffect.Propose(next));
  }

  void onTick(long nowNs) {
    if (nowNs >= heartbeatNs) {
      heartbeatNs = nowNs + config.heartbeatNs();
      peers.forEach((nodeId, peer) -> heartbeat(nodeId, peer, nowNs));
    }
    maybeShrink(nowNs);
    if (!record.replicas().contains(self.nodeId()) && isInSyncWithout() && nowNs >= handOverNs) {
      handOverNs = nowNs + config.silenceNs();
      handOver(turnOfLog(), nowNs); // the controller has moved the log away
    }
    if (proposed != null && !isProposalUncertain && nowNs - proposedNs >= config.proposalNs()) {
      isProposalUncertain = true;
      proposalRetryNs = nowNs;
    }
    if (isProposalUncertain && nowNs >= proposalRetryNs) {
      proposalRetryNs = nowNs + config.retryNs();
      effects.accept(new ReplicaEffect.ReadRecord());
    }
  }

  /**
   * Whether enough of those that are to keep the log are in sync; else it is served by whom it can.
   */
  private boolean isInSyncWithout() {
    long inSync =
        record.inSync().stream()
            .filter(member -> record.replicas().contains(member.nodeId()))
            .count();
    return inSync >= Math.min(record.minInSync(), record.replicas().size());
  }

  private void heartbeat(int nodeId, Peer peer, long nowNs) {
    if (peer.stream >= 0) {
      send(
          nodeId,
          new ReplicaMessage.Append(
              term,
              peer.stream,
              peer.nextLsn,
              log.segmentBaseLsn(peer.nextLsn),
              log.commitLsn(),
              nowNs,
              NOTHING));
    }
  }

  /** There is more to send. */
  void onWritten() {
    peers.forEach(this::pump);
  }

  private void pump(int nodeId, Peer peer) {
    boolean hasRoom = peer.nextLsn - Math.max(0, peer.writtenLsn) < config.windowBytes();
    if (peer.isOpen && !peer.isSending && hasRoom && peer.nextLsn < log.endLsn()) {
      peer.isSending = true;
      effects.accept(
          new ReplicaEffect.SendRange(nodeId, peer.stream, peer.nextLsn, config.chunkBytes()));
    }
  }

  void onSent(int nodeId, long stream, long endLsn) {
    var peer = peers.get(nodeId);
    if (peer != null && peer.stream == stream) {
      peer.isSending = false;
      peer.nextLsn = endLsn;
      pump(nodeId, peer);
    }
  }

  /** The range was trimmed, or its bytes are damaged here: the follower opens a stream again. */
  void onRangeGone(int nodeId, long stream) {
    var peer = peers.get(nodeId);
    if (peer != null && peer.stream == stream) {
      onDisconnected(nodeId);
    }
  }

  /** Where only one log is handed over: another one's is another. */
  private int turnOfLog() {
    return record.id().hashCode();
  }

  /** Whether every member has all there is. */
  boolean isReplicated() {
    return commitUpTo >= log.endLsn();
  }

  /** Whether there is somebody to hand over to. */
  boolean mayHandOver(long nowNs) {
    return successor(0, nowNs) != null;
  }

  /**
   * Asks a member to take over: of those that are to keep the log in turn one that has, or just
   * had, all there is, else the one that is furthest, else one that is to leave. False without one.
   *
   * @param turn another one for each log, so that not all go to the same node
   */
  boolean handOver(int turn, long nowNs) {
    var next = successor(turn, nowNs);
    if (next == null) {
      return false;
    }
    send(next.id.nodeId(), new ReplicaMessage.TakeOver(term));
    return true;
  }

  private @Nullable Peer successor(int turn, long nowNs) {
    var fit = new TreeMap<Integer, Peer>();
    for (var peer : peers.values()) {
      boolean isInSync = record.inSync().contains(peer.id);
      if (isInSync && peer.isOpen && nowNs - peer.ackedNs <= config.silenceNs()) {
        fit.put(peer.id.nodeId(), peer);
      }
    }
    if (fit.keySet().stream().anyMatch(record.replicas()::contains)) {
      fit.keySet().retainAll(record.replicas());
    }
    var abreast =
        fit.values().stream()
            .filter(peer -> nowNs - peer.caughtUpNs <= 2 * config.heartbeatNs())
            .toList();
    return abreast.isEmpty()
        ? fit.values().stream().max(Comparator.comparingLong(peer -> peer.writtenLsn)).orElse(null)
        : abreast.get(Math.floorMod(turn, abreast.size()));
  }

  private void send(int nodeId, ReplicaMessage message) {
    effects.accept(new ReplicaEffect.Send(nodeId, message));
  }
}
