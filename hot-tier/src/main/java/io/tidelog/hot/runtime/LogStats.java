package io.tidelog.hot.runtime;

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
    long localBytes,
    long offloadLagBytes,
    long commitLsn,
    boolean isFull,
    boolean isBroken) {}
