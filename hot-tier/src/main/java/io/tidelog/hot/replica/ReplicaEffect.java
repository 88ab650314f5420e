package io.tidelog.hot.replica;

import io.tidelog.metadata.api.LogRecord;

/** What a {@link ReplicaMachine} wants done, in order. */
public sealed interface ReplicaEffect {

  record Send(int nodeId, ReplicaMessage message) implements ReplicaEffect {}

  /**
   * Reads up to {@code maxBytes} of whole groups from {@code fromLsn} on and sends them in the
   * stream; then tells {@link ReplicaMachine#onSent} or {@link ReplicaMachine#onRangeGone}.
   */
  record SendRange(int nodeId, long stream, long fromLsn, int maxBytes) implements ReplicaEffect {}

  /**
   * Writes the promise to stable storage; then tells {@link ReplicaMachine#onPromised}, or {@link
   * ReplicaMachine#onPromiseNotKept}.
   */
  record KeepPromise(Promise promise) implements ReplicaEffect {}

  /**
   * Proposes the record; then tells {@link ReplicaMachine#onRecord} with what is stored now, or
   * {@link ReplicaMachine#onProposalFailed} when that is not known.
   */
  record Propose(LogRecord next) implements ReplicaEffect {}

  /** Reads the record again; then tells {@link ReplicaMachine#onRecord}. */
  record ReadRecord() implements ReplicaEffect {}

  /**
   * Makes the log end at {@code lsn}, in the segment that begins at {@code segmentBaseLsn}; then
   * tells {@link ReplicaMachine#onTruncated}.
   */
  record Truncate(long lsn, long segmentBaseLsn) implements ReplicaEffect {}

  /** Writes groups that come from the leader, and syncs them soon. */
  record Write(ReplicaMessage.Append append) implements ReplicaEffect {}

  /** A follower knows that the log is committed up to here, as far as it has it. */
  record ApplyCommit(long commitLsn) implements ReplicaEffect {}

  /** Asks for and installs the leader's checkpoint; then tells {@link ReplicaMachine#onCopied}. */
  record CopyCheckpoint(int nodeId, long term, long nonce) implements ReplicaEffect {}

  /**
   * Stops asking for the checkpoint, and tells {@link ReplicaMachine#onCopyForgotten}; one that is
   * being installed already is not stopped.
   */
  record ForgetCopy() implements ReplicaEffect {}

  /**
   * Leads from now on: appends the start of the term; then tells {@link ReplicaMachine#onLeading}.
   *
   * @param provesFirst as {@link io.tidelog.hot.runtime.Leadership} has it
   */
  record Lead(LogRecord record, boolean provesFirst) implements ReplicaEffect {}

  /**
   * Leads no more: reopens the log from its disk; then tells {@link ReplicaMachine#onOpened}.
   *
   * @param isLast the process is about to stop, and nobody needs this replica: the log is left in
   *     order, and not opened again
   */
  record Depose(String why, boolean isLast) implements ReplicaEffect {}

  /**
   * The leader may commit what it has itself up to here.
   *
   * @param lsn the least durable LSN of the other members, {@link Long#MAX_VALUE} without any
   */
  record CommitUpTo(long lsn) implements ReplicaEffect {}

  /** Whether the in-sync set is large enough to commit. */
  record InSyncEnough(boolean enough) implements ReplicaEffect {}

  /**
   * Reads are served until then on the monotonic clock, unless told again.
   *
   * @param provenNs nobody else led before
   */
  record ServeUntil(long monotonicNs, long provenNs) implements ReplicaEffect {}

  /** The log can go on no more: damage, or a bug. */
  record Break(String why) implements ReplicaEffect {}
}
