package io.tidelog.simulation.log;

import io.tidelog.hot.leader.Durability;
import java.util.Random;

/** What a seed chooses for a whole run, so that seeds differ in kind and not only in detail. */
record SimOptions(
    int partitions,
    int producers,
    int segmentBytes,
    long delayMs,
    boolean offloads,
    boolean losesPower,
    boolean fillsDisk,
    boolean failsSync,
    long syncNs,
    int crashes,
    boolean administers,
    boolean stepsClock,
    boolean damagesCheckpoints,
    long retentionMs,
    boolean syncsLazily) {

  /** With {@code durability=replicated} nothing is lost as long as the machine runs. */
  Durability durability() {
    return syncsLazily && !losesPower && !failsSync ? Durability.REPLICATED : Durability.FSYNC;
  }

  static SimOptions of(Random random) {
    return new SimOptions(
        1 + random.nextInt(5),
        1 + random.nextInt(4),
        16_384 << random.nextInt(4),
        random.nextInt(3) == 0 ? 50 + random.nextInt(500) : 0,
        random.nextBoolean(),
        random.nextInt(4) != 0,
        random.nextInt(4) == 0,
        random.nextInt(4) == 0,
        random.nextBoolean() ? 300_000 : 20_000_000,
        1 + random.nextInt(6),
        random.nextInt(3) == 0,
        random.nextInt(4) == 0,
        random.nextInt(3) == 0,
        random.nextInt(4) == 0 ? 500 + random.nextInt(2_000) : -1,
        random.nextBoolean());
  }
}
