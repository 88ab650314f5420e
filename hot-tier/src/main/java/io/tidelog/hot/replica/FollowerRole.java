package io.tidelog.hot.replica;

import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.leader.Durability;
import io.tidelog.metadata.api.LogRecord;
import java.util.function.Consumer;

/**
 * The follower's part of a {@link ReplicaMachine}: opens a stream to the leader of one term, takes
 * what comes in it in order, and acknowledges what it has.
 */
final class FollowerRole {

  private static final long NONE = -1;
  private static final int STREAM_HEARTBEATS = 3;

  private final LeaderRole.Parts parts;
  private final ReplicaId self;
  private final ReplicaConfig config;
  private final LocalLog log;
  private final Consumer<ReplicaEffect> effects;
  private final int leader;
  private final long term;

  /** Of the open whose answer is waited for. */
  private long nonce = NONE;

  private long stream = NONE;
  private long openNs;

  /** When something came in the stream. */
  private long heardNs;

  private long echoNs;

  /** The log is being cut, or replaced by a copy: nothing else is done with it meanwhile. */
  private boolean isBusy;

  /** It is busy because it waits for a copy, or installs it. */
  private boolean isCopying;

  FollowerRole(LeaderRole.Parts parts, LogRecord record, long nowNs) {
    this.parts = parts;
    this.self = parts.self();
    this.config = parts.config();
    this.log = parts.log();
    this.effects = parts.effects();
    this.leader = record.leader();
    this.term = record.term();
    this.openNs = nowNs;
  }

  int leader() {
    return leader;
  }

  long term() {
    return term;
  }

  boolean isBusy() {
    return isBusy;
  }

  boolean isCopying() {
    return isCopying;
  }

  /** Opens a stream, or tries again; a stream in which nothing comes is another one's by now. */
  void onTick(long nextNonce, long nowNs) {
    if (stream != NONE && !isBusy && nowNs - heardNs > STREAM_HEARTBEATS * config.heartbeatNs()) {
      reopen(nowNs);
    }
    if (stream == NONE && !isBusy && nowNs >= openNs) {
      openNs = nowNs + config.retryNs();
      nonce = nextNonce;
      effects.accept(
          new ReplicaEffect.Send(
              leader,
              new ReplicaMessage.Open(
                  term, nonce, self, log.startLsn(), log.endLsn(), log.history())));
    }
  }

  /**
   * A message from its leader.
   *
   * @return whether an acknowledgement is due when what it asks for is carried out
   */
  boolean onMessage(ReplicaMessage message, CandidateRole candidate, long nowNs) {
    switch (message) {
      case ReplicaMessage.Opened opened -> {
        onOpened(opened, nowNs);
        candidate.onHeard(nowNs);
        acknowledge();
        return false;
      }
      case ReplicaMessage.CopyFirst copy -> {
        onCopyFirst(copy);
        return false;
      }
      case ReplicaMessage.Append append -> {
        if (append.term() == term) {
          candidate.onHeard(nowNs);
          onAppend(append, nowNs);
        }
        return !append.groups().hasRemaining() || parts.durability() == Durability.REPLICATED;
      }
      default -> {
        return false;
      }
    }
  }

  private void onOpened(ReplicaMessage.Opened opened, long nowNs) {
    boolean isAnswer = opened.nonce() == nonce || !parts.keeps(SafetyRule.ANSWERED_TO_THIS_OPEN);
    if (opened.term() != term || !isAnswer || stream != NONE || isBusy) {
      return;
    }
    if (log.lastTerm() > term) {
      // Written under a later leader: the record that says so has not been seen yet.
      return;
    }
    long agreed = opened.agreedLsn();
    if (agreed < log.commitLsn() || agreed > log.endLsn()) {
      effects.accept(
          new ReplicaEffect.Break(
              "the leader of term "
                  + term
                  + " agrees with this log up to "
                  + agreed
                  + " only, committed here is "
                  + log.commitLsn()
                  + " of "
                  + log.endLsn()));
      return;
    }
    stream = opened.stream();
    nonce = NONE; // the answer may come again, when the log is longer
    heardNs = nowNs;
    echoNs = 0;
    long endLsn = parts.keeps(SafetyRule.CUT_TO_WHAT_AGREES) ? agreed : log.commitLsn();
    if (endLsn == log.endLsn() && log.mayFollow(opened.segmentBaseLsn())) {
      return;
    }
    isBusy = true;
    long baseLsn = endLsn == agreed ? opened.segmentBaseLsn() : log.segmentBaseLsn(endLsn);
    effects.accept(new ReplicaEffect.Truncate(endLsn, baseLsn));
  }

  void onTruncated(long nowNs) {
    isBusy = false;
    heardNs = nowNs;
  }

  private void onCopyFirst(ReplicaMessage.CopyFirst copy) {
    if (copy.term() == term && copy.nonce() == nonce && stream == NONE && !isBusy) {
      isBusy = true;
      isCopying = true;
      effects.accept(new ReplicaEffect.CopyCheckpoint(leader, term, nonce));
    }
  }

  /** Takes groups that follow what is here; what does not makes it open the stream again. */
  private void onAppend(ReplicaMessage.Append append, long nowNs) {
    if (append.stream() != stream || isBusy) {
      return;
    }
    heardNs = nowNs;
    echoNs = Math.max(echoNs, append.sentNs());
    long end = append.lsn() + append.groups().remaining();
    if (append.lsn() > log.endLsn()) {
      reopen(nowNs);
      return;
    }
    if (append.groups().hasRemaining() && append.lsn() == log.endLsn()) {
      effects.accept(new ReplicaEffect.Write(append));
    } else if (end > log.endLsn()) {
      reopen(nowNs);
      return;
    }
    effects.accept(new ReplicaEffect.ApplyCommit(append.commitLsn()));
  }

  void reopen(long nowNs) {
    stream = NONE;
    nonce = NONE;
    openNs = nowNs;
  }

  void acknowledge() {
    if (stream != NONE && !isBusy) {
      effects.accept(
          new ReplicaEffect.Send(
              leader,
              new ReplicaMessage.Acknowledged(
                  term, stream, self, log.endLsn(), log.syncedLsn(), echoNs)));
    }
  }

  void leave() {
    if (stream != NONE) {
      effects.accept(new ReplicaEffect.Send(leader, new ReplicaMessage.Leave(term, stream, self)));
    }
  }
}
