package io.tidelog.simulation.replica;

import static io.tidelog.simulation.log.Fate.harmless;
import static io.tidelog.simulation.log.Fate.nothing;
import static io.tidelog.simulation.log.Fate.seed;
import static io.tidelog.simulation.log.Fate.test;

import io.tidelog.hot.replica.SafetyRule;
import io.tidelog.simulation.log.Fate;
import io.tidelog.simulation.log.KnownHole;
import java.util.Set;

/** A hole put back, to see that the simulation finds it. */
public enum Hole implements KnownHole {
  /** The product as it is. */
  NONE(nothing()),
  /** A follower cuts its log to what it knows to be committed (H1, KIP-101). */
  CUT_TO_OWN_COMMIT(seed(1), SafetyRule.CUT_TO_WHAT_AGREES),
  /** Logs are compared by length, not by history (H1, H2, KIP-279). */
  COMPARED_BY_LENGTH(seed(3), SafetyRule.COMPARED_BY_HISTORY),
  /** Whoever is left takes over, whatever it has (H8). */
  LED_BY_ANYONE(seed(1), SafetyRule.LED_BY_WHO_HAS_ALL),
  /** Acknowledged when written by the leader alone. */
  ACKNOWLEDGED_BEFORE_REPLICATION(seed(1)),
  /** Acknowledgements of what is in the page cache count as synced. */
  WRITTEN_COUNTS_AS_SYNCED(seed(2)),
  /** After a power cut a disk that may have lost something passes for the one that was (H7). */
  LOSSY_DISK_KEEPS_ITS_NAME(seed(62)),
  /** A wiped disk passes for the one that was (H6). */
  WIPED_DISK_KEEPS_ITS_NAME(seed(1)),
  /** The record is replaced without a compare. */
  SWAPPED_BLINDLY(seed(7)),
  /** A new leader shows what it has before it knows what is committed (H13). */
  SERVED_BEFORE_PROVEN(seed(4), SafetyRule.SHOWN_ONCE_PROVEN),
  /** A leader that hears from nobody goes on serving reads (H14). */
  SERVED_WITHOUT_AUTHORITY(seed(383)),
  SERVED_BESIDE_ELECTABLE(
      test("cluster.ClusterScenarioTest", "aLeaderThatCountsOnlyWhoIsInSyncWouldShowThePast"),
      SafetyRule.HEARD_OF_ALL_WHO_MAY_LEAD),
  STALE_TERM_COUNTS(
      test(
          "replica.StaleAcknowledgementTest",
          "countingEarlierTermsWouldCommitWhatTheFollowerHasNot"),
      SafetyRule.ACKNOWLEDGED_IN_THIS_TERM),
  PROPOSED_NOT_COUNTED(seed(5), SafetyRule.PROPOSED_MEMBERS_COUNT),
  LEAVING_NOT_COUNTED(seed(1), SafetyRule.LEAVING_MEMBERS_COUNT),
  JOINED_BEFORE_TERM_START(seed(162), SafetyRule.JOINS_WITH_TERM_START),
  JOINED_WITHOUT_COMMITTED(seed(1), SafetyRule.JOINS_WITH_ALL_COMMITTED),
  KNOWN_BY_NODE(
      harmless(
          "another disk has another stream, and its bytes are really there: see STALE_DISK_COUNTS"),
      SafetyRule.KNOWN_BY_DISK),
  COMMITTED_BELOW_MINIMUM(seed(1), SafetyRule.FROZEN_BELOW_MINIMUM),
  REMEMBERED_ACROSS_DISKS(seed(32), SafetyRule.FORGOTTEN_WITH_DISK),
  OLDER_RECORD_TAKEN(seed(34), SafetyRule.NEWEST_RECORD_ONLY),
  STALE_STREAM_COUNTS(
      test("replica.StaleAcknowledgementTest", "countingAnEarlierStreamWouldSendOnInNone"),
      SafetyRule.ACKNOWLEDGED_IN_THIS_STREAM),
  STALE_ANSWER_TAKEN(seed(1), SafetyRule.ANSWERED_TO_THIS_OPEN),
  /** Of another disk of the node, or of an earlier stream (H9, H11). */
  STALE_DISK_COUNTS(seed(280), SafetyRule.ACKNOWLEDGED_IN_THIS_STREAM, SafetyRule.KNOWN_BY_DISK),
  PROMISE_BROKEN(
      harmless(
          "what a candidate acknowledges is in its own log, and it leads with that log or not at"
              + " all: the swap names the revision it was asked at"),
      SafetyRule.PROMISE_IS_KEPT);

  private final Fate fate;
  private final Set<SafetyRule> suspended;

  Hole(Fate fate, SafetyRule... suspended) {
    this.fate = fate;
    this.suspended = Set.of(suspended);
  }

  @Override
  public Fate fate() {
    return fate;
  }

  public Set<SafetyRule> suspended() {
    return suspended;
  }
}
