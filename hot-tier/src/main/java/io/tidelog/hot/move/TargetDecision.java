package io.tidelog.hot.move;

import io.tidelog.metadata.api.PartitionMove;

/** What {@link MoveTarget} wants done. */
public sealed interface TargetDecision {

  /** Nothing, until something happens or time goes by. */
  record Nothing() implements TargetDecision {}

  /** A newer picture is needed. */
  record Refresh() implements TargetDecision {}

  /**
   * The leader of the source is to be asked.
   *
   * @param request to be found in the answer
   * @param fromOffset first record wanted, or {@link #BEGIN}
   * @param wantsClose the partition may be closed now
   */
  record Ask(long request, PartitionMove move, long fromOffset, boolean wantsClose)
      implements TargetDecision {}

  /** A frame that begins the import, where the answer to this request says. */
  record Begin(long request, long epoch) implements TargetDecision {}

  /** Frames with the records of this answer. */
  record Append(long request, long epoch) implements TargetDecision {}

  /** A frame with all else that this answer tells of the closed partition. */
  record Finish(long request, long epoch) implements TargetDecision {}

  /**
   * One transaction: the home becomes this log and the move goes, if the move stands, the home is
   * the source still, and the records of both logs have not changed since the base epoch was
   * reckoned from their terms.
   */
  record SwapHome(PartitionMove move) implements TargetDecision {}

  /** A frame that opens the partition to clients, with the base epoch of its new home. */
  record OpenHere(long epoch) implements TargetDecision {}

  /** A frame that forgets what has come in. */
  record Drop(long epoch) implements TargetDecision {}

  /** As {@code fromOffset}: where what is not in the cold tier begins. */
  long BEGIN = -1;
}
