package io.tidelog.chaos.fault;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Which faults, in which order, for how long: a pure function of the seed. The kinds are dealt like
 * cards, so that a longer run has had each before it has one again.
 */
public final class Schedule {

  private static final long SHORT_MS = 2_000;
  private static final long LONG_MS = 8_000;

  /** Longer than Kafka and Tidelog wait for a node of which nothing is heard. */
  private static final long FAILOVER_MS = 11_000;

  private static final long QUIET_MS = 3_000;
  private static final long MORE_QUIET_MS = 4_000;

  private Schedule() {}

  /**
   * @param kinds to choose from, at least one
   * @param forMs at most so long, all healed; empty when even one fault may not fit
   */
  public static List<Step> deal(long seed, List<FaultKind> kinds, long forMs) {
    var random = new Random(seed);
    var deck = new ArrayList<FaultKind>();
    var steps = new ArrayList<Step>();
    long usedMs = 0;
    while (true) {
      if (deck.isEmpty()) {
        deck.addAll(kinds);
        Collections.shuffle(deck, random);
      }
      var kind = deck.removeLast();
      long lastsMs =
          kind.isFailover()
              ? FAILOVER_MS + random.nextLong(SHORT_MS)
              : SHORT_MS + random.nextLong(LONG_MS - SHORT_MS);
      long quietMs = QUIET_MS + random.nextLong(MORE_QUIET_MS);
      usedMs += lastsMs + quietMs;
      if (usedMs > forMs) {
        return steps;
      }
      steps.add(new Step(kind, random.nextInt(Integer.MAX_VALUE), lastsMs, quietMs));
    }
  }
}
