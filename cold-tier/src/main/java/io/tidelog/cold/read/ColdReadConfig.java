package io.tidelog.cold.read;

/**
 * Limits of reading the cold tier. Immutable.
 *
 * @param chunkBytes unit of loading and caching: whole index entries up to this size together
 * @param cacheBytes direct memory for cached chunks; those being sent come on top
 * @param indexCacheBytes heap for footers of objects
 * @param readAheadBytes loaded beyond what is asked for, across objects; 0 for none
 * @param readAheadObjects how many objects ahead at most
 * @param concurrentLoads requests to the store at a time
 * @param queuedLoads requests that wait for a place; above it reads fail and are tried again
 */
public record ColdReadConfig(
    int chunkBytes,
    long cacheBytes,
    long indexCacheBytes,
    long readAheadBytes,
    int readAheadObjects,
    int concurrentLoads,
    int queuedLoads) {

  public static final ColdReadConfig DEFAULT =
      new ColdReadConfig(1 << 20, 64L << 20, 16L << 20, 4L << 20, 4, 16, 1_024);

  public ColdReadConfig {
    if (chunkBytes < 1
        || cacheBytes < 0
        || indexCacheBytes < 0
        || readAheadBytes < 0
        || readAheadObjects < 0
        || concurrentLoads < 1
        || queuedLoads < 0) {
      throw new IllegalArgumentException("impossible limits of chunk " + chunkBytes);
    }
  }
}
