package io.tidelog.chaos.history;

/** How an operation ended, as far as its client can know. */
public enum Outcome {
  /** It happened. */
  OK,
  /** It did not happen and never will. */
  FAILED,
  /** It may have happened, or may happen yet. */
  UNKNOWN
}
