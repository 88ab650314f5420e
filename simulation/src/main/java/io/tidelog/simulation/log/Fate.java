package io.tidelog.simulation.log;

/** What becomes of a {@link KnownHole} that is put back, as far as it is known. */
public sealed interface Fate {

  /**
   * A seed finds it.
   *
   * @param seed that does; when the course of seeds has changed, one of those that follow it
   */
  record FoundBySeed(long seed) implements Fate {}

  /**
   * It takes more than seeds bring about in a reasonable time; a test does just that, and shows the
   * harm.
   *
   * @param type name of the test's class, below the simulation's package
   * @param method of it
   */
  record FoundByTest(String type, String method) implements Fate {}

  /**
   * Nothing comes of it, since what it opens is closed elsewhere too.
   *
   * @param why in a sentence
   */
  record Harmless(String why) implements Fate {}

  /** Nothing is put back. */
  record NothingToFind() implements Fate {}

  static Fate nothing() {
    return new NothingToFind();
  }

  static Fate seed(long seed) {
    return new FoundBySeed(seed);
  }

  static Fate test(String type, String method) {
    return new FoundByTest(type, method);
  }

  static Fate harmless(String why) {
    return new Harmless(why);
  }
}
