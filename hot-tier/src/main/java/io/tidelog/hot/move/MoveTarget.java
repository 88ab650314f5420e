package io.tidelog.hot.move;

import io.tidelog.core.LogId;
import io.tidelog.hot.move.TargetDecision.Append;
import io.tidelog.hot.move.TargetDecision.Ask;
import io.tidelog.hot.move.TargetDecision.Begin;
import io.tidelog.hot.move.TargetDecision.Drop;
import io.tidelog.hot.move.TargetDecision.Finish;
import io.tidelog.hot.move.TargetDecision.Nothing;
import io.tidelog.hot.move.TargetDecision.OpenHere;
import io.tidelog.hot.move.TargetDecision.Refresh;
import io.tidelog.hot.move.TargetDecision.SwapHome;
import io.tidelog.metadata.api.PartitionMove;
import io.tidelog.metadata.api.PartitionMoves.Standing;
import org.jspecify.annotations.Nullable;

/**
 * The half of a move at the leader of the log that is to have the partition, for one term. Memory
 * only, on the log's lane. It asks for what is missing, one request at a time; what an earlier
 * leader has brought in is in the log, and it goes on behind it.
 *
 * <p>It may believe a picture that is not the newest, as {@link MoveSource} may: that the home was
 * swapped by a move, or will never be, stays so.
 */
public final class MoveTarget {

  private final LogId self;
  private final MoveLimits limits;
  private long requests;

  /** The one whose answer counts; others are passed over (RELIABILITY rule 7). */
  private long awaited;

  private long askedFrom;
  private long askedNs;
  private boolean isAsking;

  /** To the last request, until it is used. */
  private @Nullable SourceAnswer answer;

  private boolean isNearEnd;
  private boolean isWriting;
  private long swapNs = Long.MIN_VALUE;

  /**
   * @param firstRequest drawn so that no other leader's requests have the same number
   */
  public MoveTarget(LogId self, MoveLimits limits, long firstRequest) {
    this.self = self;
    this.limits = limits;
    this.requests = firstRequest;
  }

  /**
   * The source has answered, perhaps somebody else's request, or twice.
   *
   * @return whether it is taken: then what came with it is kept for the decisions that name it. A
   *     request that was delivered twice has two answers, of which the second may be older.
   */
  public boolean onAnswer(SourceAnswer told) {
    boolean isTaken = isAsking && told.request() == awaited;
    if (isTaken) {
      isAsking = false;
      answer = told;
      isNearEnd = told.bytesLeft() <= limits.closeBytes();
    }
    return isTaken;
  }

  /** Whether what came with an answer may still be named by a decision. */
  public boolean needs(SourceAnswer told) {
    return told.equals(answer);
  }

  /** Whether something it has decided on is neither committed nor given up. */
  public boolean isWriting() {
    return isWriting;
  }

  /** What was decided to be written is committed, or will never be written. */
  public void onWritten() {
    isWriting = false;
  }

  /** To be asked whenever something has happened, and now and then. */
  public TargetDecision decide(Standing picture, MoveStanding standing, long nowNs) {
    if (isWriting) {
      return new Nothing();
    }
    return switch (standing) {
      case MoveStanding.Open open -> new Nothing();
      case MoveStanding.Closed closed -> new Nothing(); // an earlier move is not over
      case MoveStanding.Absent absent -> whileAbsent(picture, nowNs);
      case MoveStanding.Importing importing -> whileImporting(picture, importing, nowNs);
      case MoveStanding.Imported imported -> whileImported(picture, imported.epoch(), nowNs);
    };
  }

  private TargetDecision whileAbsent(Standing picture, long nowNs) {
    var move = picture.move();
    if (move == null || !move.to().equals(self)) {
      return new Nothing();
    }
    var told = answer;
    if (told != null && told.epoch() == move.epoch() && askedFrom == TargetDecision.BEGIN) {
      answer = null;
      return write(new Begin(told.request(), move.epoch()));
    }
    return ask(move, TargetDecision.BEGIN, nowNs);
  }

  private TargetDecision whileImporting(
      Standing picture, MoveStanding.Importing importing, long nowNs) {
    long epoch = importing.epoch();
    if (picture.revision() < epoch) {
      return new Refresh();
    }
    var move = picture.move();
    if (move == null || move.epoch() != epoch) {
      // At home here by this move: another leads by now, and has brought in the rest.
      return self.equals(picture.home()) ? new Nothing() : write(new Drop(epoch));
    }
    var told = answer;
    long next = importing.nextOffset();
    if (told == null || told.epoch() != epoch || askedFrom == TargetDecision.BEGIN) {
      return ask(move, next, nowNs);
    }
    if (told.isGone()) {
      answer = null;
      return write(new Drop(epoch));
    }
    if (told.endOffset() == next) {
      answer = null;
      return write(new Finish(told.request(), epoch));
    }
    if (told.offsets().isEmpty() || told.offsets().start() != next) {
      return ask(move, next, nowNs); // there was nothing new, or it is in the log already
    }
    // The end of a closed partition came with its last records, and is needed once more.
    answer = told.endOffset() == told.offsets().end() ? told : null;
    return write(new Append(told.request(), epoch));
  }

  private TargetDecision whileImported(Standing picture, long epoch, long nowNs) {
    if (picture.revision() < epoch) {
      return new Refresh();
    }
    var move = picture.move();
    if (move != null && move.epoch() == epoch) {
      if (nowNs < swapNs) {
        return new Nothing();
      }
      swapNs = nowNs + limits.retryNs();
      return new SwapHome(move);
    }
    return write(self.equals(picture.home()) ? new OpenHere(epoch) : new Drop(epoch));
  }

  private TargetDecision ask(PartitionMove move, long fromOffset, long nowNs) {
    if (isAsking && nowNs - askedNs < limits.askTimeoutNs()) {
      return new Nothing();
    }
    awaited = ++requests;
    askedFrom = fromOffset;
    askedNs = nowNs;
    isAsking = true;
    answer = null;
    return new Ask(awaited, move, fromOffset, isNearEnd && fromOffset != TargetDecision.BEGIN);
  }

  private TargetDecision write(TargetDecision frame) {
    isWriting = true;
    return frame;
  }
}
