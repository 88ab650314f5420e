package io.tidelog.gateway;

/**
 * How long the random runs last: {@code -Dtidelog.fuzz.rounds=N}, short by default, and {@code
 * -Dtidelog.fuzz.seed=N} to see one again. Guided by coverage, for five minutes and one class at a
 * time: {@code JAZZER_FUZZ=1 mvn test -pl gateway -am -Dtest=RequestDecoderFuzzTest
 * -Djazzer.hooks=true '-Djazzer.instrument=io.tidelog.**,org.apache.kafka.**'}.
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
