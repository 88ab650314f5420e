package io.tidelog.simulation;

import io.tidelog.simulation.cluster.ClusterMutant;
import io.tidelog.simulation.cluster.ClusterSimulation;
import io.tidelog.simulation.log.LogSimulation;
import io.tidelog.simulation.log.Mutant;
import io.tidelog.simulation.log.Violation;
import io.tidelog.simulation.replica.Hole;
import io.tidelog.simulation.replica.ReplicaSimulation;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/**
 * The simulations by command: {@code [--seeds N] [--from S] [--only log|replicas|cluster]
 * [--mutants]}. Every failing seed is printed with how to repeat it; with {@code --mutants} every
 * known hole is put back and the seed that finds it printed. The exit status is 1 when a seed
 * failed, or a hole was not found.
 */
public final class Simulate {

  private static final int DEFAULT_SEEDS = 2_000;
  private static final int PROGRESS = 10_000;

  /** Every so many seeds one runs twice, and has to go the same way. */
  private static final int REPEATED = 100;

  private static final String LOG = "log";
  private static final String REPLICAS = "replicas";
  private static final String CLUSTER = "cluster";

  private final long from;
  private final long seeds;
  private final String only;
  private boolean isFailed;

  private Simulate(long from, long seeds, String only) {
    this.from = from;
    this.seeds = seeds;
    this.only = only;
  }

  public static void main(String[] args) {
    var words = List.of(args);
    var simulate =
        new Simulate(
            number(words, "--from", 1),
            number(words, "--seeds", DEFAULT_SEEDS),
            word(words, "--only", ""));
    boolean isFailed = words.contains("--mutants") ? simulate.putBack() : simulate.run();
    System.exit(isFailed ? 1 : 0);
  }

  private static long number(List<String> words, String option, long otherwise) {
    return Long.parseLong(word(words, option, Long.toString(otherwise)));
  }

  private static String word(List<String> words, String option, String otherwise) {
    int at = words.indexOf(option);
    return at < 0 ? otherwise : words.get(at + 1);
  }

  private boolean run() {
    runAll(LOG, seed -> LogSimulation.run(seed, Mutant.NONE));
    runAll(REPLICAS, seed -> ReplicaSimulation.run(seed, Hole.NONE));
    runAll(CLUSTER, seed -> ClusterSimulation.run(seed, ClusterMutant.NONE));
    return isFailed;
  }

  private void runAll(String what, LongFunction<Object> run) {
    if (!isWanted(what)) {
      return;
    }
    long failures = 0;
    for (long seed = from; seed < from + seeds; seed++) {
      try {
        var outcome = run.apply(seed);
        if (seed % REPEATED == 0 && !run.apply(seed).equals(outcome)) {
          throw new Violation("seed " + seed + " went another way the second time");
        }
      } catch (Violation violation) {
        failures++;
        System.out.println(what + ": " + violation.getMessage());
        System.out.println(
            "  repeat: ./tidelog simulate --only " + what + " --seeds 1 --from " + seed);
      }
      if ((seed - from + 1) % PROGRESS == 0) {
        System.out.println(what + ": " + (seed - from + 1) + " seeds, " + failures + " failed");
      }
    }
    System.out.println(what + ": " + seeds + " seeds, " + failures + " failed");
    isFailed |= failures > 0;
  }

  private boolean isWanted(String what) {
    return only.isEmpty() || only.equals(what);
  }

  private boolean putBack() {
    for (var mutant : Mutant.values()) {
      if (mutant != Mutant.NONE && isWanted(LOG)) {
        find(LOG, mutant.name(), seed -> LogSimulation.run(seed, mutant));
      }
    }
    for (var hole : Hole.values()) {
      if (hole != Hole.NONE && isWanted(REPLICAS)) {
        find(REPLICAS, hole.name(), seed -> ReplicaSimulation.run(seed, hole));
      }
    }
    for (var mutant : ClusterMutant.values()) {
      if (mutant != ClusterMutant.NONE && isWanted(CLUSTER)) {
        find(CLUSTER, mutant.name(), seed -> ClusterSimulation.run(seed, mutant));
      }
    }
    return isFailed;
  }

  private void find(String what, String name, LongConsumer run) {
    for (long seed = from; seed < from + seeds; seed++) {
      try {
        run.accept(seed);
      } catch (Violation found) {
        System.out.println(what + ": " + name + " killed, " + firstLine(found.toString()));
        return;
      }
    }
    System.out.println(what + ": " + name + " ALIVE after " + seeds + " seeds");
    isFailed = true;
  }

  private static String firstLine(String message) {
    int end = IntStream.of(message.indexOf('\n'), 200).filter(at -> at >= 0).min().orElse(200);
    return message.substring(0, Math.min(end, message.length()));
  }
}
