package io.tidelog.core.log;

/** When an append is answered. */
public enum Acks {
  /** The leader has written it. */
  LEADER,
  /** It is as durable as the log's {@code durability} promises, on every in-sync replica. */
  ALL
}
