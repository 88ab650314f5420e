package io.tidelog.hot.move;

import io.tidelog.metadata.api.PartitionMove;

/** What {@link MoveSource} wants done. */
public sealed interface SourceDecision {

  /** Nothing, until something happens or time goes by. */
  record Nothing() implements SourceDecision {}

  /** A newer picture is needed. */
  record Refresh() implements SourceDecision {}

  /** A frame that closes the partition to clients, for this move. */
  record Close(long epoch) implements SourceDecision {}

  /** A frame that opens it again: the move was cancelled. */
  record Reopen(long epoch) implements SourceDecision {}

  /** A frame that forgets all but the cold objects it is in: it lives elsewhere now. */
  record Release(long epoch) implements SourceDecision {}

  /** The move is to be taken back unless it is over already. */
  record Cancel(PartitionMove move) implements SourceDecision {}
}
