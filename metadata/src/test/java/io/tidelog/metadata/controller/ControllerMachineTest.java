package io.tidelog.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.controller.ControllerDecision.HandOver;
import io.tidelog.metadata.placement.HotNode;
import io.tidelog.metadata.placement.LogClass;
import io.tidelog.metadata.placement.LogPlanner;
import io.tidelog.metadata.placement.NewLogs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ControllerMachineTest {

  private static final ControllerLimits LIMITS =
      new ControllerLimits(2, 0, 2, 60_000_000_000L, true, 300_000_000_000L, 600_000_000_000L, 0);

  @Test
  void aNodeThatComesGetsItsShareOfReplicasAndLeads() {
    var cluster = cluster(3, 3, 2);
    cluster.settle();
    assertThat(held(cluster)).isEqualTo(Map.of(1, 6, 2, 6, 3, 6));
    cluster.come(4, null);
    cluster.settle();
    assertThat(cluster.view.logs()).hasSize(8);
    assertThat(held(cluster)).isEqualTo(Map.of(1, 6, 2, 6, 3, 6, 4, 6));
    assertThat(led(cluster)).isEqualTo(Map.of(1, 2, 2, 2, 3, 2, 4, 2));
    // Some of what was there before moved, and not only new logs came.
    assertThat(
            cluster.view.logs().stream()
                .filter(log -> log.id().uuid().getLeastSignificantBits() > 1_000)
                .filter(log -> log.replicas().contains(4)))
        .hasSize(4);
  }

  @Test
  void aDrainedNodeLeadsAndHoldsNothingInTheEnd() {
    var cluster = cluster(4, 3, 2);
    cluster.settle();
    cluster.drain(2, true);
    cluster.settle();
    assertThat(cluster.view.logs())
        .noneMatch(log -> log.replicas().contains(2) || log.leader() == 2)
        .allMatch(log -> log.inSync().stream().noneMatch(member -> member.nodeId() == 2))
        .allMatch(log -> log.inSync().size() == 3);
  }

  @Test
  void leadershipLeavesADrainedNodeThatNobodyCanReplace() {
    var cluster = cluster(3, 3, 2);
    cluster.settle();
    cluster.drain(2, true);
    cluster.settle();
    assertThat(cluster.view.logs())
        .noneMatch(log -> log.leader() == 2 || log.replicas().getFirst() == 2)
        .allMatch(log -> log.replicas().contains(2) && log.inSync().size() == 3);
  }

  @Test
  void theOnlyReplicaOfALogMovesToo() {
    var cluster = cluster(3, 1, 1);
    cluster.settle();
    cluster.drain(1, true);
    cluster.settle();
    assertThat(cluster.view.logs()).hasSize(6).noneMatch(log -> log.leader() == 1);
  }

  @Test
  void aDeadNodeThatIsDrainedIsReplacedAndOneThatIsNotKeepsItsPlace() {
    var cluster = cluster(4, 3, 2);
    cluster.settle();
    var before = held(cluster);
    cluster.die(2);
    cluster.settle();
    assertThat(held(cluster)).isEqualTo(before);
    cluster.drain(2, true);
    cluster.settle();
    assertThat(cluster.view.logs()).noneMatch(log -> log.replicas().contains(2));
  }

  @Test
  void leadsAreGivenBackAfterAWhile() {
    var cluster = cluster(3, 3, 2);
    cluster.settle();
    cluster.die(1);
    cluster.settle();
    assertThat(cluster.view.logs()).noneMatch(log -> log.leader() == 1);
    cluster.come(1, null);
    for (var log : List.copyOf(cluster.view.logs())) {
      cluster.replicasAct(log, true);
    }
    assertThat(cluster.machine.decide(cluster.view, cluster.nowNs)).isEmpty();
    assertThat(cluster.machine.decide(cluster.view, cluster.nowNs + 299_000_000_000L)).isEmpty();
    assertThat(cluster.machine.decide(cluster.view, cluster.nowNs + 300_000_000_000L))
        .hasSize(2)
        .allMatch(decision -> decision instanceof HandOver back && back.to().nodeId() == 1);
  }

  @Test
  void aLogGoesWhereAnOperatorWantsItAndTheWayThereIsForgotten() {
    var cluster = cluster(4, 2, 1);
    cluster.settle();
    var log = cluster.view.logs().iterator().next();
    var target =
        IntStream.rangeClosed(1, 4).boxed().filter(id -> !log.replicas().contains(id)).toList();
    cluster.reassign(log, target);
    assertThat(cluster.view.members().reassignments()).containsOnlyKeys(log.id());
    cluster.settle();
    assertThat(cluster.view.members().reassignments()).isEmpty();
    assertThat(cluster.view.logs())
        .allMatch(one -> one.inSync().size() == 2 && one.replicas().contains(one.leader()));
  }

  @Test
  void whatAnOperatorPlacedStaysUntilANodeJoinsIsDrainedOrLeaves() {
    for (var event :
        List.<Consumer<ModelCluster>>of(
            cluster -> cluster.come(5, null),
            cluster -> cluster.drain(4, true),
            ControllerMachineTest::loseForGood)) {
      var cluster = cluster(4, 2, 1);
      cluster.settle();
      var placed = crowd(cluster);
      cluster.settle();
      placed.forEach(
          (id, replicas) ->
              assertThat(cluster.view.log(id).replicas()).containsExactlyElementsOf(replicas));
      cluster.die(2);
      cluster.settle();
      cluster.come(2, null);
      cluster.settle();
      assertThat(cluster.view.members().placements()).hasSameSizeAs(placed);
      placed.forEach(
          (id, replicas) ->
              assertThat(cluster.view.log(id).replicas()).containsExactlyElementsOf(replicas));

      event.accept(cluster);
      cluster.settle();

      assertThat(cluster.view.members().placements()).isEmpty();
      var alive = List.copyOf(cluster.alive);
      var staying = alive.stream().filter(id -> !cluster.isDrained(id)).toList();
      assertThat(spread(held(cluster), staying)).isLessThan(2);
    }
  }

  /** An operator wants every log on nodes 1 and 2. */
  private static Map<LogId, List<Integer>> crowd(ModelCluster cluster) {
    Map<LogId, List<Integer>> placed = new HashMap<>();
    for (var log : List.copyOf(cluster.view.logs())) {
      cluster.reassign(log, List.of(1, 2));
      placed.put(log.id(), List.of(1, 2));
    }
    return placed;
  }

  /** Node 4 holds nothing when it dies. */
  private static void loseForGood(ModelCluster cluster) {
    cluster.die(4);
  }

  @Test
  void theOldReplicaStaysUntilTheNodeThatAnOperatorNamedIsThere() {
    var cluster = cluster(4, 2, 1);
    cluster.settle();
    var log = cluster.view.logs().iterator().next();
    int absent =
        IntStream.rangeClosed(1, 4)
            .filter(id -> !log.replicas().contains(id))
            .findFirst()
            .orElseThrow();
    cluster.die(absent);
    cluster.settle();
    var before = cluster.view.log(log.id());
    cluster.reassign(before, List.of(before.replicas().getFirst(), absent));
    cluster.settle();
    assertThat(cluster.view.log(log.id()).inSync()).isEqualTo(before.inSync());
    assertThat(cluster.view.members().reassignments()).containsOnlyKeys(log.id());
    cluster.come(absent, null);
    cluster.settle();
    assertThat(cluster.view.members().reassignments()).isEmpty();
  }

  @Test
  void aMoveToALogThatIsGoneIsTakenBackAtOnceAndOthersStay() {
    var cluster = cluster(3, 1, 1);
    cluster.settle();
    var logs = cluster.view.logs().stream().map(LogRecord::id).toList();
    cluster.move("lost", logs.get(0), new LogId(new UUID(9, 9)));
    cluster.move("well", logs.get(0), logs.get(1));
    cluster.settle();
    assertThat(cluster.moveOf("lost")).isNull();
    assertThat(cluster.moveOf("well")).isNotNull();
  }

  @Test
  void aMoveWaitsForALogThatNobodyLeadsForAWhileAndNotForEver() {
    var cluster = cluster(3, 1, 1);
    cluster.settle();
    var ofDead = cluster.view.logs().stream().filter(log -> log.leader() == 3).findFirst();
    var other = cluster.view.logs().stream().filter(log -> log.leader() == 1).findFirst();
    cluster.move("orders", ofDead.orElseThrow().id(), other.orElseThrow().id());
    cluster.die(3);
    cluster.controllerActs();
    cluster.nowNs += LIMITS.moveTimeoutNs() - 1;
    cluster.controllerActs();
    assertThat(cluster.moveOf("orders")).isNotNull();
    cluster.come(3, null);
    cluster.controllerActs();
    cluster.die(3);
    cluster.controllerActs();
    cluster.nowNs += LIMITS.moveTimeoutNs() - 1;
    cluster.controllerActs();
    assertThat(cluster.moveOf("orders")).isNotNull();
    cluster.nowNs++;
    cluster.controllerActs();
    assertThat(cluster.moveOf("orders")).isNull();
  }

  @Test
  void theNameOfANodeLongGoneIsForgotten() {
    var cluster = cluster(1, 1, 1);
    cluster.settle();
    cluster.name("gone", 9);
    cluster.name("here", 1);
    assertThat(cluster.machine.decide(cluster.view, cluster.nowNs)).isEmpty();
    cluster.nowNs += LIMITS.nameRetentionNs();
    assertThat(cluster.controllerActs()).isTrue();
    assertThat(cluster.view.members().names()).containsOnlyKeys("here");
  }

  static IntStream seeds() {
    return IntStream.range(0, 150);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whateverComesAndGoesItSettlesEvenlyAndNeverBelowTheMinimum(int seed) {
    var random = new Random(seed);
    int replicas = 1 + random.nextInt(4);
    int nodes = replicas + random.nextInt(3);
    var cluster = cluster(nodes, replicas, 1 + random.nextInt(replicas));
    var drained = new ArrayList<Integer>();
    int next = nodes;
    for (int step = 0; step < 120; step++) {
      cluster.nowNs += random.nextInt(20) * 1_000_000_000L;
      int any = 1 + random.nextInt(next);
      switch (random.nextInt(14)) {
        case 0 -> {
          if (next < nodes + 4) {
            cluster.come(++next, null);
          }
        }
        case 1 -> cluster.die(any);
        case 2, 3 -> cluster.come(any, null);
        case 4 -> {
          if (random.nextInt(4) == 0 && drained.isEmpty()) {
            drained.add(any);
            cluster.drain(any, true);
          }
        }
        case 5, 6, 7 -> cluster.controllerActs();
        default -> {
          for (var log : List.copyOf(cluster.view.logs())) {
            if (random.nextInt(3) > 0) {
              cluster.replicasAct(log, random.nextBoolean());
            }
          }
        }
      }
    }
    IntStream.rangeClosed(1, next).forEach(id -> cluster.come(id, null));
    cluster.settle();
    var where = "seed " + seed + " " + cluster.view.logs();
    boolean replaceable = next - drained.size() >= replicas;
    for (var log : cluster.view.logs()) {
      assertThat(log.inSync()).as(where).hasSize(log.replicas().size());
      assertThat(log.replicas()).as(where).contains(log.leader());
      assertThat(drained).as(where).doesNotContain(replicas > 1 || replaceable ? log.leader() : -1);
      if (replaceable) {
        assertThat(log.replicas()).as(where).noneMatch(drained::contains);
      }
    }
    if (replaceable) {
      var staying =
          IntStream.rangeClosed(1, next).filter(id -> !drained.contains(id)).boxed().toList();
      assertThat(spread(held(cluster), staying)).as("held %s", where).isLessThan(2);
      assertThat(spread(led(cluster), staying)).as("led %s", where).isLessThan(2);
    }
  }

  /** How far apart the counts of these nodes are. */
  private static int spread(Map<Integer, Integer> counts, List<Integer> nodes) {
    var each = nodes.stream().mapToInt(id -> counts.getOrDefault(id, 0)).summaryStatistics();
    return each.getMax() - each.getMin();
  }

  private static ModelCluster cluster(int nodes, int replicas, int minInSync) {
    var cluster = new ModelCluster(LIMITS, nodes + " nodes, " + replicas + "/" + minInSync);
    IntStream.rangeClosed(1, nodes).forEach(id -> cluster.come(id, null));
    var logClass = new LogClass(replicas, minInSync);
    long[] ids = {1_000};
    var logs =
        new LogPlanner(2)
            .plan(
                logClass,
                HotNode.of(cluster.view.registrations()),
                List.of(),
                () -> new LogId(new UUID(0, ++ids[0])),
                100);
    cluster.make(NewLogs.of(cluster.view, logClass, logs));
    for (var log : List.copyOf(cluster.view.logs())) {
      cluster.store(log.takenOverBy(log.inSync().getFirst(), 1));
    }
    return cluster;
  }

  private static Map<Integer, Integer> held(ModelCluster cluster) {
    Map<Integer, Integer> held = new TreeMap<>();
    for (var log : cluster.view.logs()) {
      log.replicas().forEach(id -> held.merge(id, 1, Integer::sum));
    }
    return held;
  }

  private static Map<Integer, Integer> led(ModelCluster cluster) {
    Map<Integer, Integer> led = new TreeMap<>();
    cluster.view.logs().forEach(log -> led.merge(preferred(log), 1, Integer::sum));
    return led;
  }

  private static int preferred(LogRecord log) {
    return log.replicas().getFirst();
  }
}
