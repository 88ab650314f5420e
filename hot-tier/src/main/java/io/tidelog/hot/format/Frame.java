package io.tidelog.hot.format;

import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.PartitionConfig;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/**
 * One entry of a segment log. A partition's view is a function of these and of nothing else.
 *
 * <p>A {@code partitionRef} is a number the log gives a partition when it is opened in it; it is
 * never given twice in one log.
 */
public sealed interface Frame {

  /** The {@code partitionRef} of a frame that concerns the log as a whole. */
  int NO_PARTITION = -1;

  /** The leadership term in which it was written. */
  long term();

  /** When the leader appended it, in milliseconds since the Unix epoch; never decreases. */
  long appendTimeMs();

  /** The partition it concerns, or {@link #NO_PARTITION}. */
  default int partitionRef() {
    return NO_PARTITION;
  }

  /**
   * The first frame of every write group; says how far the group reaches and how far the log was
   * committed when it was written.
   *
   * @param commitLsn the highest commit LSN the leader knew
   * @param groupBytes size of the whole group, this frame included
   */
  record GroupStart(long term, long appendTimeMs, long commitLsn, int groupBytes)
      implements Frame {}

  /**
   * Record batches of one partition.
   *
   * @param recordCount how many offsets it takes, from {@code baseOffset} on
   * @param batches one or more whole v2 batches, from position to limit. Decoded, it borrows the
   *     scanned buffer.
   */
  record RecordsFrame(
      int partitionRef,
      long term,
      long appendTimeMs,
      long baseOffset,
      int recordCount,
      ByteBuffer batches)
      implements Frame {

    /** Offset after the last one of this frame. */
    public long endOffset() {
      return baseOffset + recordCount;
    }
  }

  /**
   * A leader begins its term.
   *
   * @param formatLevel frames that follow may use what this level allows
   * @param nodeIncarnation the process that leads
   */
  record TermStart(long term, long appendTimeMs, int formatLevel, UUID nodeIncarnation)
      implements Frame {}

  /**
   * A partition gets its number in this log.
   *
   * @param baseEpoch added to the term it gives the leader epoch that clients see
   */
  record PartitionOpen(
      long term,
      long appendTimeMs,
      int partitionRef,
      PartitionId id,
      int baseEpoch,
      PartitionConfig config)
      implements Frame {}

  /** A partition and its records are forgotten. */
  record PartitionClose(long term, long appendTimeMs, int partitionRef) implements Frame {}

  /** Later frames of a partition are under other settings. */
  record PartitionConfigure(long term, long appendTimeMs, int partitionRef, PartitionConfig config)
      implements Frame {}

  /** Everything of a delayed partition that is still pending becomes due. */
  record DeliverPending(long term, long appendTimeMs, int partitionRef) implements Frame {}

  /** The log start of a partition moved up. */
  record LogStart(long term, long appendTimeMs, int partitionRef, long logStartOffset)
      implements Frame {}

  /** A sealed segment is in the cold tier. */
  record ColdCommit(long term, long appendTimeMs, ColdObject object) implements Frame {}

  /** A hash of the view as it was before this frame, for replicas to compare. */
  record ViewHash(long term, long appendTimeMs, long hash) implements Frame {}

  /**
   * A partition begins to come in from another log, under a number of its own. Its records follow
   * as {@link RecordsFrame}s; nobody sees them before {@link MoveOpen}.
   *
   * @param moveEpoch of the move it comes by
   */
  record ImportBegin(
      long term,
      long appendTimeMs,
      int partitionRef,
      PartitionId id,
      long moveEpoch,
      ImportedHistory history)
      implements Frame {}

  /** All records have come in; what else the other log knew of the partition. */
  record ImportEnd(
      long term, long appendTimeMs, int partitionRef, long moveEpoch, ImportedState state)
      implements Frame {}

  /**
   * What has come in is given to clients: it is at home here.
   *
   * @param baseEpoch added to the term it gives the leader epoch that clients see
   */
  record MoveOpen(long term, long appendTimeMs, int partitionRef, long moveEpoch, int baseEpoch)
      implements Frame {}

  /** A step of a move that says nothing but which. */
  record MoveStep(long term, long appendTimeMs, int partitionRef, long moveEpoch, Step step)
      implements Frame {

    /** What becomes of the partition. */
    public enum Step {
      /** What has come in is forgotten: the move is taken back. */
      DROP,
      /** No more is taken from clients. */
      CLOSE,
      /** What was closed is open again: the move is taken back. */
      REOPEN,
      /** It lives elsewhere: all is forgotten but the cold objects it is in. */
      RELEASE
    }
  }

  /**
   * Of the cold objects kept for a partition that lives elsewhere, which are needed still; the
   * others go.
   *
   * @param moveEpoch of the move by which its home has it: what was kept by later moves stays
   * @param baseLsns of the segments that the objects stand for, ascending
   */
  record MoveNeeds(
      long term, long appendTimeMs, PartitionId id, long moveEpoch, List<Long> baseLsns)
      implements Frame {

    public MoveNeeds {
      baseLsns = List.copyOf(baseLsns);
    }
  }
}
