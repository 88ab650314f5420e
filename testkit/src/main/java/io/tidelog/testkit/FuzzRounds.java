package io.tidelog.testkit;

/**
 * How long the random runs of fuzz targets last: {@code -Dtidelog.fuzz.rounds=N}, short by default,
 * and {@code -Dtidelog.fuzz.seed=N} to see one again. Guided by coverage, and for as long as one
 * likes, {@code ./tidelog fuzz SECONDS TARGET} runs them.
 */
public final class FuzzRounds {

  private static final int DEFAULT_ROUNDS = 20_000;

  private FuzzRounds() {}

  public static int count() {
    return Integer.getInteger("tidelog.fuzz.rounds", DEFAULT_ROUNDS);
  }

  public static long seed() {
    return Long.getLong("tidelog.fuzz.seed", 4_711);
  }
}
