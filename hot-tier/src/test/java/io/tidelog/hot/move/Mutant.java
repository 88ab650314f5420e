package io.tidelog.hot.move;

/** A rule of a move left out, to see that it is missed. */
enum Mutant {
  NONE,
  /** A closed partition is opened again on the word of a picture older than the move. */
  OLD_PICTURES_BELIEVED,
  /** The home is swapped though the move was cancelled. */
  SWAP_WITHOUT_INTENT,
  /** The terms may have changed since the base epoch was reckoned. */
  SWAP_WITHOUT_LOGS,
  /** The source answers with what is not committed. */
  UNCOMMITTED_ANSWERED,
  /** The source says closed before that is committed. */
  CLOSE_UNCOMMITTED,
  /** Producers are not part of what the source tells when it is closed. */
  PRODUCERS_FORGOTTEN,
  /** The source forgets the cold objects with the partition. */
  OBJECTS_RELEASED,
  /** What one home needs is taken for what a later one needs. */
  NEEDS_OF_OLDER_MOVES,
  /** What came with a second answer to a request takes the place of what came with the first. */
  EVERY_ANSWER_KEPT,
  /** What is imported is opened to clients before it is the home. */
  OPENED_BEFORE_SWAP
}
