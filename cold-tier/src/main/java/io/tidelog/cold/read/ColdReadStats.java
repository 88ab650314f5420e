package io.tidelog.cold.read;

/**
 * How reading goes, counted since the start.
 *
 * @param chunkHits chunks found in the cache or already being loaded
 * @param chunkLoads chunks loaded from the store
 * @param loadedBytes of chunks and footers
 * @param failedLoads requests to the store that ended in a fault
 * @param damagedChunks loads whose checksum did not match, also when the second try did
 * @param refusedLoads loads refused since too many waited
 * @param cachedBytes of chunks in the cache now
 * @param bufferBytes direct memory of chunks now: cached, being loaded, or still being sent
 */
public record ColdReadStats(
    long chunkHits,
    long chunkLoads,
    long loadedBytes,
    long failedLoads,
    long damagedChunks,
    long refusedLoads,
    long cachedBytes,
    long bufferBytes) {}
