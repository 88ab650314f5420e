package io.tidelog.hot.move;

/** How a partition stands in one log, as the committed frames leave it. */
public sealed interface MoveStanding {

  /** Not in this log; cold objects may be kept for who has it now. */
  record Absent() implements MoveStanding {}

  /** Taken from, and given to, clients. */
  record Open() implements MoveStanding {}

  /**
   * No more taken from clients, for a move; whole, so that it can be opened again.
   *
   * @param endOffset the offset its next record would have had
   */
  record Closed(long epoch, long endOffset) implements MoveStanding {}

  /**
   * Records come in from another log; nobody sees them.
   *
   * @param nextOffset of the next one to come
   */
  record Importing(long epoch, long nextOffset) implements MoveStanding {}

  /** All there is has come in, with all that the other log knew of it; nobody sees it. */
  record Imported(long epoch) implements MoveStanding {}
}
