package io.tidelog.simulation.cluster;

import static io.tidelog.simulation.log.Fate.harmless;
import static io.tidelog.simulation.log.Fate.nothing;
import static io.tidelog.simulation.log.Fate.seed;
import static io.tidelog.simulation.log.Fate.test;

import io.tidelog.hot.replica.SafetyRule;
import io.tidelog.simulation.log.Fate;
import io.tidelog.simulation.log.KnownHole;
import java.util.Set;

/** A hole put back, in a machine's rules or around the production code. */
public enum ClusterMutant implements KnownHole {
  /** The product as it is. */
  NONE(nothing()),
  /** A follower cuts its log to what it knows to be committed (H1, KIP-101). */
  CUT_TO_OWN_COMMIT(seed(4), SafetyRule.CUT_TO_WHAT_AGREES),
  /** Logs are compared by length, not by history (H1, H2, KIP-279). */
  COMPARED_BY_LENGTH(seed(5), SafetyRule.COMPARED_BY_HISTORY),
  /** Whoever is left takes over, whatever it has (H8). */
  LED_BY_ANYONE(seed(69), SafetyRule.LED_BY_WHO_HAS_ALL),
  /** A new leader shows what it has before it knows what is committed (H13). */
  SERVED_BEFORE_PROVEN(seed(5), SafetyRule.SHOWN_ONCE_PROVEN),
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
  JOINED_BEFORE_TERM_START(seed(214), SafetyRule.JOINS_WITH_TERM_START),
  JOINED_WITHOUT_COMMITTED(seed(1), SafetyRule.JOINS_WITH_ALL_COMMITTED),
  KNOWN_BY_NODE(
      harmless(
          "another disk has another stream, and its bytes are really there: see STALE_DISK_COUNTS"),
      SafetyRule.KNOWN_BY_DISK),
  BOUND_MOVES_BELOW_MINIMUM(
      harmless("the log's driver freezes, too, when it is told that too few are in sync"),
      SafetyRule.FROZEN_BELOW_MINIMUM),
  /** As before, and the log's driver is told that enough are in sync (H7). */
  COMMITTED_BELOW_MINIMUM(seed(9), SafetyRule.FROZEN_BELOW_MINIMUM),
  REMEMBERED_ACROSS_DISKS(seed(48), SafetyRule.FORGOTTEN_WITH_DISK),
  OLDER_RECORD_TAKEN(seed(460), SafetyRule.NEWEST_RECORD_ONLY),
  STALE_STREAM_COUNTS(
      test("replica.StaleAcknowledgementTest", "countingAnEarlierStreamWouldSendOnInNone"),
      SafetyRule.ACKNOWLEDGED_IN_THIS_STREAM),
  STALE_ANSWER_TAKEN(seed(2), SafetyRule.ANSWERED_TO_THIS_OPEN),
  /** Of another disk of the node, or of an earlier stream (H9, H11). */
  STALE_DISK_COUNTS(
      test("replica.StaleAcknowledgementTest", "withoutBothWhatIsLostWouldPassForCommitted"),
      SafetyRule.ACKNOWLEDGED_IN_THIS_STREAM,
      SafetyRule.KNOWN_BY_DISK),
  PROMISE_BROKEN(
      harmless(
          "what a candidate acknowledges is in its own log, and it leads with that log or not at"
              + " all: the swap names the revision it was asked at"),
      SafetyRule.PROMISE_IS_KEPT),
  /** Committed when the leader alone has it. */
  COMMITTED_BEFORE_REPLICATION(seed(1)),
  /** Whatever is written passes for synced. */
  ACKNOWLEDGED_BEFORE_SYNC(seed(1)),
  /** fdatasync of segments does nothing. */
  SEGMENT_SYNC_SKIPPED(seed(7)),
  /** fsync of the folder does nothing, so that new names may vanish. */
  DIRECTORY_SYNC_SKIPPED(seed(18)),
  /** A promise is gone after a crash. */
  PROMISE_NOT_KEPT(seed(10)),
  /** Followers apply to their view whatever they have. */
  APPLIED_BEFORE_COMMIT(seed(5)),
  /** Leaders serve reads whether or not they hear from others (H14). */
  SERVED_WITHOUT_AUTHORITY(seed(107)),
  /** Objects are collected by who leads and may not know of all that is committed. */
  COLLECTED_WITHOUT_AUTHORITY(
      harmless(
          "who collects is told of a lead when its term has begun, and knows everything but what it"
              + " uploads itself, which it leaves alone: see COLLECTED_BY_STALE_LEADER")),
  /** As before, and a new leader shows and collects at once (H16). */
  COLLECTED_BY_STALE_LEADER(
      test("cluster.CollectedObjectsTest", "aNewLeaderThatCollectsAtOnceWouldDeleteWhatIsNeeded"),
      SafetyRule.SHOWN_ONCE_PROVEN),
  /** A follower deletes a segment when it is uploaded, before that is committed (H16). */
  TRIMMED_BEFORE_COLD_COMMIT(seed(3)),
  /** An object is committed although its upload failed (H16). */
  COLD_COMMIT_BEFORE_UPLOAD(seed(5)),
  /** Damaged records are uploaded unseen. */
  DAMAGE_UPLOADED(test("cluster.DamagedCopyTest", "damageThatIsUploadedIsSeenByItsReaders")),
  /** Whoever cannot read what it is to offload goes on leading. */
  DAMAGE_KEPT(seed(160)),
  /** A leader believes that a follower agrees less far than it does, and has it cut. */
  CUT_BELOW_COMMIT(seed(2)),
  /** Clients go on with what led, after it was deposed. */
  DEPOSED_DRIVER_USED(
      harmless("a deposed driver refuses by itself whatever it is asked, whoever holds it")),
  /** A wiped disk keeps its id (H6). */
  WIPED_DISK_KEEPS_ITS_NAME(seed(15)),
  /** After a power cut a disk that may have lost something passes for the one that was (H7). */
  LOSSY_DISK_KEEPS_ITS_NAME(seed(291)),
  /** A damaged or short copy is opened as if nobody counted on it. */
  OPENED_AS_UNCOUNTED(seed(2103)),
  /** What a follower writes is not what it checked. */
  WRITTEN_DIFFERENTLY(seed(1)),
  /** A follower begins segments elsewhere than the leader. */
  ROLLED_ELSEWHERE(seed(1)),
  /** The record is replaced without a compare. */
  SWAPPED_BLINDLY(seed(5)),
  /** Producers are forgotten at once (H15). */
  PRODUCERS_FORGOTTEN(seed(4)),
  /** Delayed records are shown a little before they are due. */
  SHOWN_EARLY(seed(3)),
  /** The home of a partition is swapped although its move was taken back. */
  HOME_SWAPPED_BLINDLY(
      test("cluster.ClusterScenarioTest", "aHomeSwappedWithoutItsMoveWouldBeOpenedAnew")),
  /** The home is swapped, and its leader epoch does not rise. */
  EPOCH_NOT_RAISED(seed(1)),
  /** A partition is opened where it comes to before its home is swapped. */
  OPENED_BEFORE_SWAP(seed(1)),
  /** A partition is forgotten where it was before it is all where it goes. */
  RELEASED_BEFORE_SWAP(seed(1)),
  /** A partition is taken over while its source is open still. */
  SOURCE_NOT_CLOSED(seed(45)),
  /** Producers stay behind when a partition moves. */
  PRODUCERS_NOT_CARRIED(seed(5));

  private final Fate fate;
  private final Set<SafetyRule> suspended;

  ClusterMutant(Fate fate, SafetyRule... suspended) {
    this.fate = fate;
    this.suspended = Set.of(suspended);
  }

  @Override
  public Fate fate() {
    return fate;
  }

  /** Whether objects are collected by who leads, certain or not. */
  boolean collectsBlindly() {
    return this == COLLECTED_WITHOUT_AUTHORITY || this == COLLECTED_BY_STALE_LEADER;
  }

  public Set<SafetyRule> suspended() {
    return suspended;
  }
}
