package io.tidelog.gateway.fetch;

/**
 * The limits of one event loop's fetches.
 *
 * @param maxSessions sessions kept, {@code max.incremental.fetch.session.cache.slots} over all
 *     loops
 * @param sessionMinEvictionMs a session this long unused makes room for another
 * @param parkedMaxBytes memory estimated for waiting fetches; above it a fetch is answered at once
 *     and its client told to wait
 * @param lateReadMaxBytes records found too late for their fetch, kept for the next one
 * @param lateReadMaxCount number of those, found or still looked for
 * @param lateReadKeepMs how long they are kept
 * @param readGraceMs how long at least a fetch waits for a read that it started
 */
public record FetchLaneConfig(
    int maxSessions,
    long sessionMinEvictionMs,
    long parkedMaxBytes,
    long lateReadMaxBytes,
    int lateReadMaxCount,
    long lateReadKeepMs,
    int readGraceMs) {

  private static final long DEFAULT_LATE_READ_MAX_BYTES = 64L << 20;
  private static final int DEFAULT_LATE_READ_MAX_COUNT = 4096;
  private static final long DEFAULT_LATE_READ_KEEP_MS = 10_000;
  private static final int DEFAULT_READ_GRACE_MS = 50;

  /** The defaults of a node, split over {@code loops} event loops. */
  public static FetchLaneConfig defaults(int loops) {
    return new FetchLaneConfig(
        Math.max(1, FetchSessions.DEFAULT_MAX_SESSIONS / loops),
        FetchSessions.DEFAULT_MIN_EVICTION_MS,
        ParkedFetches.DEFAULT_MAX_BYTES / loops,
        DEFAULT_LATE_READ_MAX_BYTES / loops,
        DEFAULT_LATE_READ_MAX_COUNT / loops,
        DEFAULT_LATE_READ_KEEP_MS,
        DEFAULT_READ_GRACE_MS);
  }
}
