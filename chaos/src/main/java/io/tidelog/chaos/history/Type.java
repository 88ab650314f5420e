package io.tidelog.chaos.history;

/** Kinds of entries of a history file; the ordinal is in the file. */
enum Type {
  NAME,
  SEND_INVOKED,
  SEND_DONE,
  SESSION_STARTED,
  ASSIGNED,
  REVOKED,
  POLLED,
  COMMIT_INVOKED,
  COMMIT_DONE,
  COMMITTED_SEEN,
  END_SEEN,
  FINAL_BOUNDS,
  TOPIC_INVOKED,
  TOPIC_DONE,
  TOPIC_SEEN,
  FINAL_TOPICS,
  MOVE_INVOKED,
  MOVE_DONE
}
