package io.tidelog.hot.leader;

/** What every in-sync replica has done with a record before it is committed. */
public enum Durability {
  /** It is on stable storage. */
  FSYNC,
  /** It is in the page cache, as Kafka does: a crash of the process loses nothing. */
  REPLICATED
}
