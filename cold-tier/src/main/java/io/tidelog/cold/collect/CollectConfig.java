package io.tidelog.cold.collect;

/**
 * Limits of collecting. Immutable.
 *
 * @param graceMs an object nobody refers to stays so long; longer than the longest upload and than
 *     any cold reference is used
 * @param intervalMs pause before each pass; the grace, if that is shorter, but never under a second
 * @param pageObjects objects listed at a time
 * @param maxCandidates objects watched at a time per log; more wait for a later pass
 */
public record CollectConfig(long graceMs, long intervalMs, int pageObjects, int maxCandidates) {

  private static final long MIN_INTERVAL_MS = 1_000;

  public static final CollectConfig DEFAULT = new CollectConfig(3_600_000, 600_000, 1_000, 100_000);

  public CollectConfig {
    if (graceMs < 0 || intervalMs < 1 || pageObjects < 1 || maxCandidates < 1) {
      throw new IllegalArgumentException("impossible grace " + graceMs + " or limits");
    }
  }

  long passIntervalMs() {
    return Math.min(intervalMs, Math.max(MIN_INTERVAL_MS, graceMs));
  }
}
