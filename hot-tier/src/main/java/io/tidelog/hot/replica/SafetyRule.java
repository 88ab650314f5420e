package io.tidelog.hot.replica;

/**
 * The rules on which it rests that nothing acknowledged is lost, one for each hole that other
 * implementations had. A product keeps all of them; the simulator suspends one at a time, to see
 * that it would notice.
 */
public enum SafetyRule {
  /** Logs are compared by the terms they consist of, not by their lengths (KIP-101, KIP-279). */
  COMPARED_BY_HISTORY,
  /** A follower cuts what its leader does not have, and no more (KIP-101). */
  CUT_TO_WHAT_AGREES,
  /** Who may lack something that is committed never leads: rather nobody does (H8, KIP-966). */
  LED_BY_WHO_HAS_ALL,
  /** A leader shows nothing before the beginning of its term is committed (H13). */
  SHOWN_ONCE_PROVEN,
  /** Acknowledgements count only in the term in which they were asked for (KIP-320). */
  ACKNOWLEDGED_IN_THIS_TERM,
  /** Members that were proposed count until it is known that they did not join (KIP-497). */
  PROPOSED_MEMBERS_COUNT,
  /** Members that are to leave count until it is agreed that they have left (KIP-497). */
  LEAVING_MEMBERS_COUNT,
  /** A follower joins only when it has the beginning of the leader's term (KIP-966). */
  JOINS_WITH_TERM_START,
  /** A follower joins only when it has all that is committed. */
  JOINS_WITH_ALL_COMMITTED,
  /** A replica is known by its disk, not by its node (KIP-841, KIP-858). */
  KNOWN_BY_DISK,
  /** Nothing is committed while the in-sync set is too small (KIP-966). */
  FROZEN_BELOW_MINIMUM,
  /** A leader serves reads while it hears of all who may lead instead (H14, KIP-966). */
  HEARD_OF_ALL_WHO_MAY_LEAD,
  /** What a follower had on another disk does not count (KIP-966). */
  FORGOTTEN_WITH_DISK,
  /** An older record never replaces a newer one. */
  NEWEST_RECORD_ONLY,
  /** Acknowledgements count only in the stream under way. */
  ACKNOWLEDGED_IN_THIS_STREAM,
  /** An answer counts only for the open that is waited for. */
  ANSWERED_TO_THIS_OPEN,
  /** A candidate acknowledges nothing to others while its proposal may win. */
  PROMISE_IS_KEPT
}
