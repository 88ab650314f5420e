package io.tidelog.metadata.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.PartitionHomes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LogPlannerTest {

  @Test
  void everyNodeLeadsAsManyLogsAsTheOthers() {
    var logs = plan(new LogClass(3, 2), nodes(3, 0), List.of(), 2);
    assertThat(logs).hasSize(6);
    assertThat(ledBy(logs)).isEqualTo(Map.of(1, 2, 2, 2, 3, 2));
    assertThat(logs).allMatch(log -> log.minInSync() == 2 && log.leader() == LogRecord.NO_LEADER);
    assertThat(logs.getFirst().inSync())
        .extracting(ReplicaId::nodeId)
        .containsExactlyElementsOf(logs.getFirst().replicas());
  }

  @Test
  void aDeadNodesLoadSpreadsOverAllOthers() {
    var logs = plan(new LogClass(3, 2), nodes(5, 0), List.of(), 2);
    for (int leader = 1; leader <= 5; leader++) {
      int dead = leader;
      var followers =
          logs.stream()
              .filter(log -> log.replicas().getFirst() == dead)
              .flatMap(log -> log.replicas().stream().skip(1))
              .toList();
      assertThat(followers).hasSize(4).doesNotHaveDuplicates();
    }
  }

  @Test
  void tooFewNodesGetNoLog() {
    assertThat(plan(new LogClass(3, 2), nodes(2, 0), List.of(), 2)).isEmpty();
  }

  @Test
  void aNodeThatComesLaterGetsLogsOfItsOwn() {
    var logs = plan(new LogClass(2, 1), nodes(3, 0), List.of(), 2);
    var more = plan(new LogClass(2, 1), nodes(4, 0), logs, 2);
    assertThat(more).hasSize(2).allMatch(log -> log.replicas().getFirst() == 4);
    assertThat(plan(new LogClass(2, 1), nodes(4, 0), joined(logs, more), 2)).isEmpty();
  }

  static IntStream seeds() {
    return IntStream.range(0, 300);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void anyPlanIsEvenSpreadAndTheSameAgain(int seed) {
    var random = new Random(seed);
    int count = 1 + random.nextInt(12);
    int racks = random.nextInt(5);
    int replicas = 1 + random.nextInt(Math.min(5, count));
    int perNode = 1 + random.nextInt(4);
    var logClass = new LogClass(replicas, 1 + random.nextInt(replicas));
    var nodes = nodes(count, racks);
    var logs = plan(logClass, nodes, List.of(), perNode);
    assertThat(logs).as("seed %d", seed).isEqualTo(plan(logClass, nodes, List.of(), perNode));
    assertThat(logs).as("seed %d", seed).hasSize(count * perNode);
    assertThat(ledBy(logs).values()).as("seed %d", seed).containsOnly(perNode);
    for (var log : logs) {
      var inRacks =
          log.replicas().stream().map(id -> nodes.get(id - 1).rack()).collect(Collectors.toSet());
      assertThat(inRacks)
          .as("seed %d %s", seed, log)
          .hasSize(racks == 0 ? 1 : Math.min(replicas, Math.min(racks, count)));
    }
    if (racks == 0 || count % racks == 0) {
      var held = heldBy(logs, nodes);
      assertThat(held.getMax() - held.getMin()).as("seed %d held %s", seed, held).isLessThan(3);
    }
  }

  /** As after drains and nodes that came: whatever the replicas were, racks come first. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void movesBringLogsIntoAsManyRacksAsThereAreAndEnd(int seed) {
    var random = new Random(seed);
    int count = 3 + random.nextInt(6);
    int racks = 1 + random.nextInt(4);
    var nodes = nodes(count, racks);
    int perNode = 1 + random.nextInt(3);
    var logs = new ArrayList<>(plan(new LogClass(3, 2), nodes, List.of(), perNode));
    var ids = new ArrayList<>(nodes.stream().map(HotNode::id).toList());
    logs.replaceAll(
        log -> {
          Collections.shuffle(ids, random);
          return log.heldBy(List.copyOf(ids.subList(0, 3)));
        });

    int steps = 0;
    for (var move = MovePlanner.spread(nodes, logs, log -> true);
        move.isPresent();
        move = MovePlanner.spread(nodes, logs, log -> true)) {
      var wish = move.get();
      logs.replaceAll(log -> log.id().equals(wish.log().id()) ? log.heldBy(wish.replicas()) : log);
      steps++;
      assertThat(steps).as("seed %d", seed).isLessThan(20 * logs.size());
    }

    for (var log : logs) {
      var inRacks =
          log.replicas().stream().map(id -> nodes.get(id - 1).rack()).collect(Collectors.toSet());
      assertThat(inRacks).as("seed %d %s", seed, log).hasSize(Math.min(3, Math.min(racks, count)));
    }
  }

  @Test
  void aTopicIsSpreadEvenlyAndInRuns() {
    var logs = plan(new LogClass(3, 2), nodes(3, 0), List.of(), 2);
    var homes = HomePlanner.spread(10_000, logs, List.of(), log -> 0);
    assertThat(homes.count()).isEqualTo(10_000);
    assertThat(homes.runs()).hasSize(6).allMatch(run -> run.count() / 10 == 166);
  }

  @Test
  void fewPartitionsGoToAsManyNodesAndTheEmptiestLogs() {
    var logs = plan(new LogClass(3, 2), nodes(3, 0), List.of(), 2);
    var full = Set.of(logs.get(0).id(), logs.get(4).id());
    var homes = HomePlanner.spread(3, logs, List.of(), log -> full.contains(log) ? 50 : 1);
    assertThat(homes.runs()).hasSize(3).noneMatch(run -> full.contains(run.log()));
    var leaders = new HashSet<Integer>();
    for (var run : homes.runs()) {
      logs.stream()
          .filter(log -> log.id().equals(run.log()))
          .forEach(log -> leaders.add(log.replicas().getFirst()));
    }
    assertThat(leaders).hasSize(3);
  }

  @Test
  void aTopicThatGrowsStaysEven() {
    var logs = plan(new LogClass(1, 1), nodes(3, 0), List.of(), 1);
    var homes = PartitionHomes.inOneLog(2, logs.get(1).id());
    homes = homes.append(HomePlanner.spread(4, logs, homes.runs(), log -> 0));
    Map<LogId, Integer> inLog = new HashMap<>();
    homes.runs().forEach(run -> inLog.merge(run.log(), run.count(), Integer::sum));
    assertThat(inLog.values()).containsExactly(2, 2, 2);
  }

  private static List<LogRecord> plan(
      LogClass logClass, List<HotNode> nodes, Collection<LogRecord> present, int perNode) {
    return new LogPlanner(perNode).plan(logClass, nodes, present, ids(present.size()), 1000);
  }

  static Supplier<LogId> ids(long from) {
    long[] next = {from};
    return () -> new LogId(new UUID(0, ++next[0]));
  }

  static List<HotNode> nodes(int count, int racks) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(id -> new HotNode(id, racks == 0 ? null : "rack-" + id % racks, new UUID(id, id)))
        .toList();
  }

  private static List<LogRecord> joined(List<LogRecord> logs, List<LogRecord> more) {
    var all = new ArrayList<>(logs);
    all.addAll(more);
    return all;
  }

  private static Map<Integer, Integer> ledBy(List<LogRecord> logs) {
    Map<Integer, Integer> led = new TreeMap<>();
    logs.forEach(log -> led.merge(log.replicas().getFirst(), 1, Integer::sum));
    return led;
  }

  private static IntSummaryStatistics heldBy(List<LogRecord> logs, List<HotNode> nodes) {
    return nodes.stream()
        .mapToInt(
            node -> (int) logs.stream().filter(log -> log.replicas().contains(node.id())).count())
        .summaryStatistics();
  }
}
