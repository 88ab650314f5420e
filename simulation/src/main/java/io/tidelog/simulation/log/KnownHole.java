package io.tidelog.simulation.log;

import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A hole that may be put back, in the product or around it, to see whether it is noticed. */
public interface KnownHole {

  String name();

  Fate fate();

  /** Of these, the ones that seeds find. */
  static <H extends KnownHole> Stream<H> foundBySeed(H[] holes) {
    return Stream.of(holes).filter(hole -> hole.fate() instanceof Fate.FoundBySeed);
  }

  /** The seed that is known to find it, otherwise this one. */
  default long firstSeed(long otherwise) {
    return fate() instanceof Fate.FoundBySeed found ? found.seed() : otherwise;
  }

  /**
   * Runs one seed after the other until one finds the hole.
   *
   * @param run of one seed, with the hole put back
   * @return what was found, naming the seed, or null
   */
  static @Nullable Violation find(long from, long seeds, LongConsumer run) {
    for (long seed = from; seed < from + seeds; seed++) {
      try {
        run.accept(seed);
      } catch (Violation found) {
        return found;
      }
    }
    return null;
  }
}
