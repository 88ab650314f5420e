package io.tidelog.chaos.check;

/** What must never be found, however many nodes, disks and networks failed. */
public enum Anomaly {
  /** One offset showed two records, in answers to producers or to consumers. */
  INCONSISTENT_OFFSET,
  /** One record stands at two offsets. */
  DUPLICATE,
  /** A record was acknowledged and is not in the log, which goes on behind its offset. */
  LOST,
  /** A record was acknowledged and the log ends before its offset. */
  UNSEEN,
  /** A partition has acknowledged records and was not read at the end. */
  UNREAD,
  /** A record was read that nobody sent to this partition. */
  PHANTOM,
  /** A record was read whose producer had been told that it was not and would not be appended. */
  FAILED_VISIBLE,
  /** The bytes of a record were not those of any record. */
  DAMAGED,
  /** Of two records of one producer the one sent later stands first. */
  REORDERED,
  /** A consumer was given a record that is not in the log: it was not committed. */
  VANISHED,
  /** The final reading misses an offset between its bounds. */
  HOLE,
  /** A consumer was given an offset it was past. */
  POLL_BACK,
  /** A consumer was not given a record between two that it was given. */
  POLL_SKIP,
  /** An end offset lay before a record acknowledged, or an end told, before it was asked for. */
  STALE_END,
  /** A record of a delay topic was read before it was due. */
  EARLY,
  /** A group had committed, and nothing was found. */
  GROUP_OFFSET_LOST,
  /** A group was told an offset that a later commit had replaced. */
  GROUP_OFFSET_BACK,
  /** A group was told an offset that no member committed. */
  GROUP_OFFSET_PHANTOM,
  /** A group committed past a record that no member was given. */
  GROUP_SKIPPED,
  /** A member committed for a partition that another had been given meanwhile. */
  TWO_OWNERS,
  /** A topic was created, not deleted, and is not there. */
  TOPIC_LOST,
  /** A topic was deleted and is there again. */
  TOPIC_RESURRECTED,
  /** A topic created once was seen under two ids. */
  TOPIC_CHANGED,
  /** A topic has not the number of partitions that was agreed on. */
  PARTITIONS_LOST,
  /** A topic has not the setting that was set last. */
  SETTING_LOST,
  /** Two nodes hold different bytes for a stretch of a log that both know to be committed. */
  DIFFERENT_COPY,
  /** A node's copy of a log has whole write groups behind something that is none. */
  BROKEN_COPY;

  /** Whether clients saw it; otherwise it was found on disks. */
  public boolean isInHistories() {
    return this != DIFFERENT_COPY && this != BROKEN_COPY;
  }
}
