package io.tidelog.hot.replica;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ReplicaId;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What replicas of one log tell one another, and leaders of two logs about a partition that moves.
 * Any of them may be lost, late, repeated or overtaken; only what names the stream under way
 * counts.
 */
public sealed interface ReplicaMessage {

  /** The term the sender is in. */
  long term();

  /**
   * To the leader: its sender would follow.
   *
   * @param nonce chosen by the sender; the answer repeats it
   * @param startLsn first byte the sender has
   * @param endLsn behind the last byte it has written
   * @param history of its log, oldest first
   */
  record Open(
      long term, long nonce, ReplicaId from, long startLsn, long endLsn, List<TermStart> history)
      implements ReplicaMessage {}

  /**
   * The leader has opened a stream: both logs agree below {@code agreedLsn}, and what the follower
   * has behind it has to go.
   *
   * @param stream number given by the leader, never twice in a term
   * @param segmentBaseLsn of the segment in which the byte at {@code agreedLsn} lies or will lie
   */
  record Opened(long term, long nonce, long stream, long agreedLsn, long segmentBaseLsn)
      implements ReplicaMessage {}

  /**
   * The leader has no longer what the follower needs: it begins anew from a checkpoint, whose parts
   * follow.
   */
  record CopyFirst(long term, long nonce) implements ReplicaMessage {}

  /** The follower that was told to {@link CopyFirst} asks for the next part of the checkpoint. */
  record CheckpointWanted(long term, long nonce, ReplicaId from, long position)
      implements ReplicaMessage {}

  /**
   * A part of the leader's checkpoint.
   *
   * @param checkpointLsn names the checkpoint; when it changes the follower begins again
   * @param segmentBaseLsn the first segment to follow it
   * @param sizeBytes of the whole checkpoint
   */
  record CheckpointPart(
      long term,
      long nonce,
      long checkpointLsn,
      long segmentBaseLsn,
      long position,
      long sizeBytes,
      ByteBuffer bytes)
      implements ReplicaMessage {}

  /** The one asked does not lead in that term, but knows of {@code term}. */
  record Denied(long term, long nonce) implements ReplicaMessage {}

  /**
   * From the leader: whole write groups of one segment, or none, to show that it is there.
   *
   * @param commitLsn as the leader knows it
   * @param sentNs on the leader's monotonic clock; acknowledgements give it back
   * @param groups from position to limit; the receiver takes it
   */
  record Append(
      long term,
      long stream,
      long lsn,
      long segmentBaseLsn,
      long commitLsn,
      long sentNs,
      ByteBuffer groups)
      implements ReplicaMessage {}

  /**
   * How far the follower is.
   *
   * @param writtenLsn behind what is in its page cache
   * @param syncedLsn behind what is on its stable storage
   * @param echoNs the greatest {@code sentNs} it has seen on the stream, 0 before the first
   */
  record Acknowledged(
      long term, long stream, ReplicaId from, long writtenLsn, long syncedLsn, long echoNs)
      implements ReplicaMessage {}

  /** Its sender has lost the leader of {@code term} and asks who else has (as Raft's pre-vote). */
  record Probe(long term, long round, ReplicaId from) implements ReplicaMessage {}

  /**
   * @param term the newest the sender knows of
   * @param lost whether it has lost that term's leader too
   * @param lastTerm of the last write group in its log
   */
  record ProbeAnswer(
      long term,
      long round,
      ReplicaId from,
      boolean lost,
      boolean mayLead,
      long lastTerm,
      long endLsn)
      implements ReplicaMessage {}

  /** From the leader to a follower in sync: take over now, without asking. */
  record TakeOver(long term) implements ReplicaMessage {}

  /** To the leader, from a follower that is about to stop: it need not be waited for. */
  record Leave(long term, long stream, ReplicaId from) implements ReplicaMessage {}

  /**
   * From the leader of a log that a partition moves to, about the one it moves from: asks for what
   * follows. The answer comes in {@link MovePart}s, about the log that asks.
   *
   * @param target the log that asks
   * @param request to be found in the answer
   * @param fromOffset first record wanted, −1 for where the import begins
   * @param wantsClose the partition may be closed now
   * @param maxBytes of records; a larger batch comes alone
   */
  record MoveAsk(
      long term,
      LogId target,
      long request,
      PartitionId partition,
      long moveEpoch,
      long fromOffset,
      boolean wantsClose,
      int maxBytes)
      implements ReplicaMessage {}

  /**
   * A part of the answer to a {@link MoveAsk}; all parts of it follow one another.
   *
   * @param position of the bytes in the answer
   * @param sizeBytes of the whole answer
   */
  record MovePart(
      long term, long request, PartitionId partition, int position, int sizeBytes, ByteBuffer bytes)
      implements ReplicaMessage {}

  /**
   * To the leader of the log in which a partition lives now: which cold objects of the log that
   * asks are needed still.
   *
   * @param keeper the log that asks
   */
  record NeedsAsk(long term, LogId keeper, PartitionId partition) implements ReplicaMessage {}

  /**
   * @param moveEpoch of the move by which the partition came to its home, 0 when it was made there
   * @param baseLsns of the segments that the objects stand for, ascending
   */
  record Needs(long term, PartitionId partition, long moveEpoch, List<Long> baseLsns)
      implements ReplicaMessage {

    /** More are not told: nothing is let go of then. */
    public static final int MAX_COUNT = 100_000;
  }
}
