package io.tidelog.metadata.controller;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.PartitionHomes.Move;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.placement.HotNode;
import io.tidelog.metadata.placement.LogClass;
import io.tidelog.metadata.placement.NewLogs;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which partitions of a topic move to which logs when they are to be held by other nodes; memory
 * only. A log fits when it is of the class that the topic asks for, is led and held by the nodes
 * that were named, and stays there; among several the one with the fewest partitions is taken, and
 * without any a log is made.
 */
final class PartitionMovePlanner {

  /** Logs that one transaction names, each in a compare and two puts at most. */
  static final int MAX_LOGS = 50;

  private final Supplier<LogId> ids;
  private final int maxLogsPerNode;

  /**
   * @param ids a new id at each call
   * @param maxLogsPerNode a node that holds so many gets none by a reassignment
   */
  PartitionMovePlanner(Supplier<LogId> ids, int maxLogsPerNode) {
    this.ids = ids;
    this.maxLogsPerNode = maxLogsPerNode;
  }

  /**
   * A wish about one partition.
   *
   * @param at its place in the request
   * @param replicas null to leave it where it is
   */
  record Wish(int at, int partition, @Nullable List<Integer> replicas) {}

  /**
   * A topic of which partitions begin to move, or stay.
   *
   * @param next as it becomes, with the revision that must still hold
   * @param targets logs that are there, which must not have changed either
   * @param made logs to be made with it
   * @param wishes that it fulfils, by their place in the request
   */
  record TopicChange(
      TopicImage next, List<LogRecord> targets, List<NewLogs> made, List<Integer> wishes)
      implements ReassignmentPlanner.Change {

    /** All logs that partitions go to by it. */
    Stream<LogId> logs() {
      return Stream.concat(targets.stream(), made.stream().flatMap(one -> one.logs().stream()))
          .map(LogRecord::id);
    }
  }

  /**
   * What is to be done about one topic.
   *
   * @param change null when all is as wanted
   * @param later wishes that do not fit into one transaction
   */
  record TopicPlan(
      @Nullable TopicChange change, Map<Integer, Fault.Refused> refused, List<Integer> later) {}

  TopicPlan plan(ClusterView view, TopicImage topic, List<Wish> wishes) {
    return new Planning(view, topic).plan(wishes);
  }

  /** One topic in one picture. */
  private final class Planning {

    private final ClusterView view;
    private final TopicImage topic;
    private final SortedMap<Integer, Move> moves;
    private final Map<LogId, LogRecord> targets = new LinkedHashMap<>();
    private final Map<LogClass, List<LogRecord>> made = new LinkedHashMap<>();
    private final Map<LogId, Integer> load;

    Planning(ClusterView view, TopicImage topic) {
      this.view = view;
      this.topic = topic;
      this.moves = new TreeMap<>(topic.homes().moves());
      this.load = new HashMap<>(view.partitionsByLog());
      for (var name : view.moving()) {
        Objects.requireNonNull(view.topic(name), name)
            .homes()
            .moves()
            .values()
            .forEach(move -> load.merge(move.to(), 1, Integer::sum));
      }
    }

    TopicPlan plan(List<Wish> wishes) {
      var refused = new HashMap<Integer, Fault.Refused>();
      var later = new ArrayList<Integer>();
      var fulfilled = new ArrayList<Integer>();
      for (var wish : wishes) {
        try {
          if (place(wish)) {
            fulfilled.add(wish.at());
          } else {
            later.add(wish.at());
          }
        } catch (Fault.Refused e) {
          refused.put(wish.at(), e);
        }
      }
      if (moves.equals(topic.homes().moves())) {
        return new TopicPlan(null, refused, later);
      }
      var newLogs = new ArrayList<NewLogs>();
      made.forEach((logClass, logs) -> newLogs.add(NewLogs.of(view, logClass, logs)));
      var next = topic.withHomes(topic.homes().withMoves(moves));
      var change = new TopicChange(next, List.copyOf(targets.values()), newLogs, fulfilled);
      return new TopicPlan(change, refused, later);
    }

    /** False when it has to wait for another transaction. */
    private boolean place(Wish wish) {
      var replicas = wish.replicas();
      int partition = wish.partition();
      var home = view.log(topic.homes().home(partition));
      if (replicas == null || (home != null && isOn(home, replicas))) {
        moves.remove(partition);
        return true;
      }
      var logClass = LogClass.of(replicas.size(), topic.effective().minInSyncReplicas());
      var present = moves.get(partition);
      var goal = present == null ? null : view.log(present.to());
      if (goal != null && fits(goal, logClass, replicas)) {
        return true;
      }
      var known = find(logClass, replicas);
      if (known.isEmpty() && targets.size() + madeCount() >= MAX_LOGS) {
        return false;
      }
      var target = known.isPresent() ? known.get() : make(logClass, replicas);
      if (view.log(target.id()) != null && !targets.containsKey(target.id())) {
        if (targets.size() + madeCount() >= MAX_LOGS) {
          return false;
        }
        targets.put(target.id(), target);
      }
      load.merge(target.id(), 1, Integer::sum);
      moves.put(partition, new Move(target.id(), Move.BEGINS));
      return true;
    }

    private int madeCount() {
      return made.values().stream().mapToInt(List::size).sum();
    }

    private Optional<LogRecord> find(LogClass logClass, List<Integer> replicas) {
      var added = made.getOrDefault(logClass, List.of());
      return Stream.concat(view.logs().stream(), added.stream())
          .filter(log -> fits(log, logClass, replicas))
          .min(
              Comparator.<LogRecord>comparingInt(log -> log.replicas().equals(replicas) ? 0 : 1)
                  .thenComparingInt(log -> load.getOrDefault(log.id(), 0))
                  .thenComparing(log -> log.id().uuid()));
    }

    private boolean fits(LogRecord log, LogClass logClass, List<Integer> replicas) {
      return LogClass.of(log).equals(logClass)
          && isOn(log, replicas)
          && !view.members().reassignments().containsKey(log.id());
    }

    private LogRecord make(LogClass logClass, List<Integer> replicas) {
      var nodes =
          HotNode.of(view.registrations()).stream()
              .collect(Collectors.toMap(HotNode::id, Function.identity()));
      for (int node : replicas) {
        if (!nodes.containsKey(node)) {
          throw invalid(
              "No segment log has replicas "
                  + replicas
                  + " and min.insync.replicas="
                  + logClass.minInSync()
                  + ", and none can be made: broker "
                  + node
                  + " is not alive.");
        }
        if (held(node) >= maxLogsPerNode) {
          throw invalid(
              "Broker "
                  + node
                  + " holds "
                  + held(node)
                  + " segment logs; one more with replicas "
                  + replicas
                  + " is over tidelog.node.logs.max="
                  + maxLogsPerNode);
        }
      }
      var inSync =
          replicas.stream()
              .map(node -> new ReplicaId(node, Objects.requireNonNull(nodes.get(node)).disk()))
              .toList();
      var log =
          new LogRecord(
              ids.get(),
              replicas,
              logClass.minInSync(),
              inSync,
              List.of(),
              LogRecord.NO_LEADER,
              0,
              0);
      made.computeIfAbsent(logClass, one -> new ArrayList<>()).add(log);
      return log;
    }

    private long held(int node) {
      return Stream.concat(view.logs().stream(), made.values().stream().flatMap(List::stream))
          .filter(log -> log.replicas().contains(node))
          .count();
    }
  }

  /** The order of the others means nothing. */
  private static boolean isOn(LogRecord log, List<Integer> replicas) {
    return log.replicas().getFirst().equals(replicas.getFirst())
        && new HashSet<>(log.replicas()).equals(new HashSet<>(replicas));
  }

  private static Fault.Refused invalid(String message) {
    return new Fault.Refused(Refusal.INVALID_REPLICA_ASSIGNMENT, message);
  }
}
