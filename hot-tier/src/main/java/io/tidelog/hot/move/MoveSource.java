package io.tidelog.hot.move;

import io.tidelog.core.LogId;
import io.tidelog.hot.move.SourceDecision.Cancel;
import io.tidelog.hot.move.SourceDecision.Close;
import io.tidelog.hot.move.SourceDecision.Nothing;
import io.tidelog.hot.move.SourceDecision.Refresh;
import io.tidelog.hot.move.SourceDecision.Release;
import io.tidelog.hot.move.SourceDecision.Reopen;
import io.tidelog.metadata.api.PartitionMove;
import io.tidelog.metadata.api.PartitionMoves.Standing;

/**
 * The half of a move at the leader of the log that has the partition, for one term. Memory only, on
 * the log's lane.
 *
 * <p>It may believe a picture that is not the newest: a move that is gone stays gone, and the home
 * is swapped only while it stands. So a closed partition whose move a picture does not show any
 * more, one not older than the move, is at home here for as long as it is closed for that move, or
 * never again.
 */
public final class MoveSource {

  private static final long NEVER = 0;

  private final LogId self;
  private final MoveLimits limits;
  private long closeAskedEpoch = NEVER;
  private long closedEpoch = NEVER;
  private long closedSinceNs;
  private long cancelNs;
  private boolean isWriting;

  public MoveSource(LogId self, MoveLimits limits) {
    this.self = self;
    this.limits = limits;
  }

  /** The target has nearly all of it. */
  public void onCloseAsked(long epoch) {
    closeAskedEpoch = Math.max(closeAskedEpoch, epoch);
  }

  /** Whether the frame decided on is neither committed nor given up. */
  public boolean isWriting() {
    return isWriting;
  }

  /** The frame decided on is committed, or will never be written. */
  public void onWritten() {
    isWriting = false;
  }

  /** To be asked whenever something has happened, and now and then. */
  public SourceDecision decide(Standing picture, MoveStanding standing, long nowNs) {
    if (isWriting) {
      return new Nothing();
    }
    return switch (standing) {
      case MoveStanding.Open open -> whileOpen(picture);
      case MoveStanding.Closed closed -> whileClosed(picture, closed.epoch(), nowNs);
      case MoveStanding.Absent absent -> new Nothing();
      case MoveStanding.Importing importing -> new Nothing();
      case MoveStanding.Imported imported -> new Nothing();
    };
  }

  private SourceDecision whileOpen(Standing picture) {
    if (closeAskedEpoch == NEVER) {
      return new Nothing();
    }
    if (picture.revision() < closeAskedEpoch) {
      return new Refresh();
    }
    long asked = closeAskedEpoch;
    closeAskedEpoch = NEVER; // it is asked again for as long as it is wanted
    var move = picture.move();
    return move != null && move.epoch() == asked && move.from().equals(self)
        ? write(new Close(asked))
        : new Nothing();
  }

  private SourceDecision whileClosed(Standing picture, long epoch, long nowNs) {
    if (epoch != closedEpoch) {
      closedEpoch = epoch;
      closedSinceNs = nowNs;
      cancelNs = nowNs + limits.closedNs();
    }
    if (picture.revision() < epoch) {
      return new Refresh();
    }
    var move = picture.move();
    if (move != null && move.epoch() == epoch) {
      return maybeCancel(move, nowNs);
    }
    if (picture.home() == null) {
      return new Nothing(); // its topic is deleted: it is forgotten like any other
    }
    return write(picture.home().equals(self) ? new Reopen(epoch) : new Release(epoch));
  }

  private SourceDecision maybeCancel(PartitionMove move, long nowNs) {
    if (nowNs < cancelNs) {
      return new Nothing();
    }
    cancelNs = nowNs + limits.retryNs();
    return new Cancel(move);
  }

  private SourceDecision write(SourceDecision frame) {
    isWriting = true;
    return frame;
  }

  /** How long the partition has been closed in this term, for the operator. */
  public long closedNs(long nowNs) {
    return closedEpoch == NEVER ? 0 : nowNs - closedSinceNs;
  }
}
