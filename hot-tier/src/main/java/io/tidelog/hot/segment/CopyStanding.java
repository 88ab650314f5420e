package io.tidelog.hot.segment;

/** What depends on one copy of a log, and so what may be missing at its end. */
public enum CopyStanding {

  /**
   * It is in the in-sync set or electable, or nobody knows: acknowledged records may be here only,
   * and a copy that ends before the highest commit LSN known is damaged.
   */
  COUNTED,

  /**
   * It is certain that it is neither in sync nor electable, as one that is still being filled: it
   * ends where what is sound ends, and the rest comes from the leader again.
   */
  UNCOUNTED
}
