package io.tidelog.hot.replica;

import io.tidelog.hot.move.MoveLimits;

/**
 * Times and limits of the moves of partitions between logs; times on the monotonic clock.
 *
 * @param maxPartitions that come into one log at a time
 * @param chunkBytes of records copied at once
 * @param needsNs how often a log asks which objects of partitions that left it are needed still
 */
public record MoveConfig(MoveLimits limits, int maxPartitions, int chunkBytes, long needsNs) {

  private static final long MS = 1_000_000;

  public static final MoveConfig DEFAULT =
      new MoveConfig(
          new MoveLimits(1 << 20, 2_000 * MS, 200 * MS, 5_000 * MS), 4, 1 << 20, 60_000 * MS);
}
