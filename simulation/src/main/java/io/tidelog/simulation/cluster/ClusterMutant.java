package io.tidelog.simulation.cluster;

import io.tidelog.hot.replica.SafetyRule;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A hole put back, in a machine's rules or around the production code. */
public enum ClusterMutant {
  /** The product as it is. */
  NONE,
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
  PROMISE_BROKEN(SafetyRule.PROMISE_IS_KEPT),
  /** Committed when the leader alone has it. */
  COMMITTED_BEFORE_REPLICATION,
  /** Whatever is written passes for synced. */
  ACKNOWLEDGED_BEFORE_SYNC,
  /** fdatasync of segments does nothing. */
  SEGMENT_SYNC_SKIPPED,
  /** fsync of the folder does nothing, so that new names may vanish. */
  DIRECTORY_SYNC_SKIPPED,
  /** A promise is gone after a crash. */
  PROMISE_NOT_KEPT,
  /** Followers apply to their view whatever they have. */
  APPLIED_BEFORE_COMMIT,
  /** Leaders serve reads whether or not they hear from others (H14). */
  SERVED_WITHOUT_AUTHORITY,
  /** Objects are collected by whoever has ever led (H16). */
  COLLECTED_BY_STALE_LEADER,
  /** A follower deletes a segment when it is uploaded, before that is committed (H16). */
  TRIMMED_BEFORE_COLD_COMMIT,
  /** An object is committed although its upload failed (H16). */
  COLD_COMMIT_BEFORE_UPLOAD,
  /** Damaged records are uploaded unseen. */
  DAMAGE_UPLOADED,
  /** Whoever cannot read what it is to offload goes on leading. */
  DAMAGE_KEPT,
  /** A leader believes that a follower agrees less far than it does, and has it cut. */
  CUT_BELOW_COMMIT,
  /** Clients go on with what led, after it was deposed. */
  DEPOSED_DRIVER_USED,
  /** A wiped disk keeps its id (H6). */
  WIPED_DISK_KEEPS_ITS_NAME,
  /** After a power cut a disk that may have lost something passes for the one that was (H7). */
  LOSSY_DISK_KEEPS_ITS_NAME,
  /** A damaged or short copy is opened as if nobody counted on it. */
  OPENED_AS_UNCOUNTED,
  /** What a follower writes is not what it checked. */
  WRITTEN_DIFFERENTLY,
  /** A follower begins segments elsewhere than the leader. */
  ROLLED_ELSEWHERE,
  /** The record is replaced without a compare. */
  SWAPPED_BLINDLY,
  /** Producers are forgotten at once (H15). */
  PRODUCERS_FORGOTTEN,
  /** Delayed records are shown a little before they are due. */
  SHOWN_EARLY,
  /** The home of a partition is swapped although its move was taken back. */
  HOME_SWAPPED_BLINDLY,
  /** The home is swapped, and its leader epoch does not rise. */
  EPOCH_NOT_RAISED,
  /** A partition is opened where it comes to before its home is swapped. */
  OPENED_BEFORE_SWAP,
  /** A partition is forgotten where it was before it is all where it goes. */
  RELEASED_BEFORE_SWAP,
  /** A partition is taken over while its source is open still. */
  SOURCE_NOT_CLOSED,
  /** Producers stay behind when a partition moves. */
  PRODUCERS_NOT_CARRIED;

  private final @Nullable SafetyRule rule;

  ClusterMutant() {
    this.rule = null;
  }

  ClusterMutant(SafetyRule rule) {
    this.rule = rule;
  }

  Set<SafetyRule> suspended() {
    return rule == null ? Set.of() : Set.of(rule);
  }
}
