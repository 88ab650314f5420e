package io.tidelog.chaos.history;

/** Why a consumer reads. */
public enum Reading {
  /** It chose its partitions itself. */
  FREE,
  /** It is a member of a group. */
  GROUP,
  /** Everything there is, after all faults were healed and all writers had stopped. */
  FINAL
}
