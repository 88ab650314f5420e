package io.tidelog.simulation;

import io.tidelog.simulation.cluster.ClusterMutant;
import io.tidelog.simulation.cluster.ClusterSimulation;
import io.tidelog.simulation.controller.ControllerHole;
import io.tidelog.simulation.controller.ControllerSimulation;
import io.tidelog.simulation.log.Fate;
import io.tidelog.simulation.log.KnownHole;
import io.tidelog.simulation.log.LogSimulation;
import io.tidelog.simulation.log.Mutant;
import io.tidelog.simulation.log.Violation;
import io.tidelog.simulation.replica.Hole;
import io.tidelog.simulation.replica.ReplicaSimulation;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The simulations by command: {@code [--seeds N] [--from S] [--only
 * log|replicas|cluster|controller] [--mutants | --mutant NAME]}. Every failing seed is printed with
 * how to repeat it. With {@code --mutants} every known hole is put back, first with the seed that
 * is known to find it unless {@code --from} is given, and the seed printed that did, or why none
 * does. The exit status is 1 when a seed failed, or a hole was not found that seeds find.
 */
public final class Simulate {

  private static final int DEFAULT_SEEDS = 2_000;
  private static final int PROGRESS = 10_000;

  /** Every so many seeds one runs twice, and has to go the same way. */
  private static final int REPEATED = 100;

  /** Each hole from the seed on that is known to find it. */
  private static final long KNOWN = Long.MIN_VALUE;

  private static final String LOG = "log";
  private static final String REPLICAS = "replicas";
  private static final String CLUSTER = "cluster";
  private static final String CONTROLLER = "controller";

  private final long from;
  private final long seeds;
  private final String only;
  private final String mutant;
  private boolean isFailed;

  private Simulate(List<String> words, long usualFrom) {
    this.from = number(words, "--from", usualFrom);
    this.seeds = number(words, "--seeds", DEFAULT_SEEDS);
    this.only = word(words, "--only", "");
    this.mutant = word(words, "--mutant", "");
  }

  public static void main(String[] args) {
    var words = List.of(args);
    boolean isHoles = words.contains("--mutants") || words.contains("--mutant");
    var simulate = new Simulate(words, isHoles ? KNOWN : 1);
    boolean isFailed = isHoles ? simulate.putBack() : simulate.run();
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
    runAll(CONTROLLER, seed -> ControllerSimulation.run(seed, ControllerHole.NONE));
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
    putBack(LOG, Mutant.values(), LogSimulation::run);
    putBack(REPLICAS, Hole.values(), ReplicaSimulation::run);
    putBack(CLUSTER, ClusterMutant.values(), ClusterSimulation::run);
    putBack(CONTROLLER, ControllerHole.values(), ControllerSimulation::run);
    return isFailed;
  }

  private interface Run<H extends KnownHole> {
    Object of(long seed, H hole);
  }

  private <H extends KnownHole> void putBack(String what, H[] holes, Run<H> run) {
    for (var hole : holes) {
      boolean isHole = !(hole.fate() instanceof Fate.NothingToFind);
      if (isHole && isWanted(what) && (mutant.isEmpty() || mutant.equals(hole.name()))) {
        long first = from == KNOWN ? hole.firstSeed(1) : from;
        tell(what, hole, KnownHole.find(first, seeds, seed -> run.of(seed, hole)));
      }
    }
  }

  private void tell(String what, KnownHole hole, @Nullable Violation found) {
    var fate = hole.fate();
    var name = what + ": " + hole.name();
    if (found != null) {
      var news = fate instanceof Fate.Harmless ? " (news: it was thought harmless)" : "";
      System.out.println(name + " killed" + news + ", " + firstLine(found.toString()));
      return;
    }
    var alive = " alive after " + seeds + " seeds, ";
    switch (fate) {
      case Fate.FoundByTest test ->
          System.out.println(name + alive + "killed by " + test.type() + "." + test.method());
      case Fate.Harmless harmless -> System.out.println(name + alive + harmless.why());
      case Fate.FoundBySeed _, Fate.NothingToFind _ -> {
        System.out.println(name + " ALIVE after " + seeds + " seeds");
        isFailed = true;
      }
    }
  }

  private static String firstLine(String message) {
    int end = IntStream.of(message.indexOf('\n'), 200).filter(at -> at >= 0).min().orElse(200);
    return message.substring(0, Math.min(end, message.length()));
  }
}
