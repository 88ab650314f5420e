package io.tidelog.simulation;

import io.tidelog.simulation.log.LogSimulation;
import io.tidelog.simulation.log.Mutant;
import io.tidelog.simulation.log.Violation;
import io.tidelog.simulation.replica.Hole;
import io.tidelog.simulation.replica.ReplicaSimulation;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * The simulations by command: {@code [--seeds N] [--from S] [--mutants]}. Every failing seed is
 * printed; with {@code --mutants} every known hole is put back and the seed that finds it printed.
 * The exit status is 1 when a seed failed, or a hole was not found.
 */
public final class Simulate {

  private static final int DEFAULT_SEEDS = 2_000;
  private static final int PROGRESS = 10_000;

  private final long from;
  private final long seeds;
  private boolean isFailed;

  private Simulate(long from, long seeds) {
    this.from = from;
    this.seeds = seeds;
  }

  public static void main(String[] args) {
    var words = List.of(args);
    var simulate =
        new Simulate(number(words, "--from", 1), number(words, "--seeds", DEFAULT_SEEDS));
    boolean isFailed = words.contains("--mutants") ? simulate.putBack() : simulate.run();
    System.exit(isFailed ? 1 : 0);
  }

  private static long number(List<String> words, String option, long otherwise) {
    int at = words.indexOf(option);
    return at < 0 ? otherwise : Long.parseLong(words.get(at + 1));
  }

  private boolean run() {
    runAll("one log", seed -> LogSimulation.run(seed, Mutant.NONE));
    runAll("replicas", seed -> ReplicaSimulation.run(seed, Hole.NONE));
    return isFailed;
  }

  private void runAll(String what, LongConsumer run) {
    long failures = 0;
    for (long seed = from; seed < from + seeds; seed++) {
      try {
        run.accept(seed);
      } catch (Violation violation) {
        failures++;
        System.out.println(what + ": " + violation.getMessage());
      }
      if ((seed - from + 1) % PROGRESS == 0) {
        System.out.println(what + ": " + (seed - from + 1) + " seeds, " + failures + " failed");
      }
    }
    System.out.println(what + ": " + seeds + " seeds, " + failures + " failed");
    isFailed |= failures > 0;
  }

  private boolean putBack() {
    for (var mutant : Mutant.values()) {
      if (mutant != Mutant.NONE) {
        find(mutant.name(), seed -> LogSimulation.run(seed, mutant));
      }
    }
    for (var hole : Hole.values()) {
      if (hole != Hole.NONE) {
        find(hole.name(), seed -> ReplicaSimulation.run(seed, hole));
      }
    }
    return isFailed;
  }

  private void find(String name, LongConsumer run) {
    for (long seed = from; seed < from + seeds; seed++) {
      try {
        run.accept(seed);
      } catch (Violation found) {
        System.out.println(name + " killed, " + firstLine(found.toString()));
        return;
      }
    }
    System.out.println(name + " ALIVE after " + seeds + " seeds");
    isFailed = true;
  }

  private static String firstLine(String message) {
    int end = IntStream.of(message.indexOf('\n'), 200).filter(at -> at >= 0).min().orElse(200);
    return message.substring(0, Math.min(end, message.length()));
  }
}
