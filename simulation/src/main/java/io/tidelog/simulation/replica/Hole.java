package io.tidelog.simulation.replica;

import io.tidelog.hot.replica.SafetyRule;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A hole put back, to see that the simulation finds it. */
public enum Hole {
  /** The product as it is. */
  NONE,
  /** A follower cuts its log to what it knows to be committed (H1, KIP-101). */
  CUT_TO_OWN_COMMIT,
  /** Logs are compared by length, not by history (H1, H2, KIP-279). */
  COMPARED_BY_LENGTH,
  /** Acknowledged when written by the leader alone. */
  ACKNOWLEDGED_BEFORE_REPLICATION,
  /** Acknowledgements of what is in the page cache count as synced. */
  WRITTEN_COUNTS_AS_SYNCED,
  /** After a power cut a disk that may have lost something passes for the one that was (H7). */
  LOSSY_DISK_KEEPS_ITS_NAME,
  /** A wiped disk passes for the one that was (H6). */
  WIPED_DISK_KEEPS_ITS_NAME,
  /** The record is replaced without a compare. */
  SWAPPED_BLINDLY,
  /** A new leader shows what it has before it knows what is committed (H13). */
  SERVED_BEFORE_PROVEN,
  /** A leader that hears from nobody goes on serving reads (H14). */
  SERVED_WITHOUT_AUTHORITY,
  SERVED_BESIDE_ELECTABLE(SafetyRule.HEARD_OF_ALL_WHO_MAY_LEAD),
  STALE_TERM_COUNTS(SafetyRule.ACKNOWLEDGED_IN_THIS_TERM),
  PROPOSED_NOT_COUNTED(SafetyRule.PROPOSED_MEMBERS_COUNT),
  LEAVING_NOT_COUNTED(SafetyRule.LEAVING_MEMBERS_COUNT),
  JOINED_BEFORE_TERM_START(SafetyRule.JOINS_WITH_TERM_START),
  JOINED_WITHOUT_COMMITTED(SafetyRule.JOINS_WITH_ALL_COMMITTED),
  KNOWN_BY_NODE(SafetyRule.KNOWN_BY_DISK),
  COMMITTED_BELOW_MINIMUM(SafetyRule.FROZEN_BELOW_MINIMUM),
  REMEMBERED_ACROSS_DISKS(SafetyRule.FORGOTTEN_WITH_DISK),
  OLDER_RECORD_TAKEN(SafetyRule.NEWEST_RECORD_ONLY),
  STALE_STREAM_COUNTS(SafetyRule.ACKNOWLEDGED_IN_THIS_STREAM),
  STALE_ANSWER_TAKEN(SafetyRule.ANSWERED_TO_THIS_OPEN),
  PROMISE_BROKEN(SafetyRule.PROMISE_IS_KEPT);

  private final @Nullable SafetyRule rule;

  Hole() {
    this.rule = null;
  }

  Hole(SafetyRule rule) {
    this.rule = rule;
  }

  Set<SafetyRule> suspended() {
    return rule == null ? Set.of() : Set.of(rule);
  }
}
