package io.tidelog.cold.collect;

/**
 * What the collector did since the start.
 *
 * @param watchedObjects unneeded, and younger than the grace
 */
public record CollectStats(
    long passes, long failedPasses, long deletedObjects, long watchedObjects) {}
