package io.tidelog.hot.runtime;

import java.util.Arrays;

/**
 * Counters of one log since it started, and where it stands now.
 *
 * @param appendedBytes of record batches accepted
 * @param appendedRecords accepted
 * @param groups write groups written
 * @param syncs finished
 * @param syncMicros sum of how long they took
 * @param syncBuckets how many syncs took less than 2^i microseconds and not less than 2^(i-1)
 * @param duplicates appends answered from memory
 * @param refused appends refused
 * @param uncertain appends of unknown outcome
 * @param damagedReads reads that found other bytes on the disk than were written
 * @param mailboxBytes waiting for the lane
 * @param segments files, the active one included
 * @param trimmedBytes of segments given up because nobody needs them here
 * @param moves partitions that came from other logs
 * @param movedBytes of record batches copied from other logs
 * @param moveClosedMs sum of how long partitions were closed to clients before they left, or were
 *     opened again
 * @param localBytes in them
 * @param offloadLagBytes sealed and not in the cold tier
 * @param commitLsn durable up to here
 * @param isFull refusing records because the disk is full
 * @param isBroken refusing everything until restarted
 */
public record LogStats(
    long appendedBytes,
    long appendedRecords,
    long groups,
    long syncs,
    long syncMicros,
    long[] syncBuckets,
    long duplicates,
    long refused,
    long uncertain,
    long damagedReads,
    long mailboxBytes,
    int segments,
    long trimmedBytes,
    long moves,
    long movedBytes,
    long moveClosedMs,
    long localBytes,
    long offloadLagBytes,
    long commitLsn,
    boolean isFull,
    boolean isBroken) {

  /** Of no log. */
  public static final LogStats NONE =
      new LogStats(0, 0, 0, 0, 0, new long[0], 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, false);

  /** Of two logs together. */
  public LogStats plus(LogStats other) {
    return new LogStats(
        appendedBytes + other.appendedBytes,
        appendedRecords + other.appendedRecords,
        groups + other.groups,
        syncs + other.syncs,
        syncMicros + other.syncMicros,
        sum(syncBuckets, other.syncBuckets),
        duplicates + other.duplicates,
        refused + other.refused,
        uncertain + other.uncertain,
        damagedReads + other.damagedReads,
        mailboxBytes + other.mailboxBytes,
        segments + other.segments,
        trimmedBytes + other.trimmedBytes,
        moves + other.moves,
        movedBytes + other.movedBytes,
        moveClosedMs + other.moveClosedMs,
        localBytes + other.localBytes,
        offloadLagBytes + other.offloadLagBytes,
        commitLsn + other.commitLsn,
        isFull || other.isFull,
        isBroken || other.isBroken);
  }

  private static long[] sum(long[] one, long[] other) {
    long[] sum = Arrays.copyOf(one, Math.max(one.length, other.length));
    for (int i = 0; i < other.length; i++) {
      sum[i] += other[i];
    }
    return sum;
  }

  /** What was counted, and nothing of how the log stands now. */
  public LogStats pastOnly() {
    return new LogStats(
        appendedBytes,
        appendedRecords,
        groups,
        syncs,
        syncMicros,
        syncBuckets,
        duplicates,
        refused,
        uncertain,
        damagedReads,
        0,
        0,
        trimmedBytes,
        moves,
        movedBytes,
        moveClosedMs,
        0,
        0,
        0,
        false,
        false);
  }
}
