package io.tidelog.metadata.controller;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.ReplicaAdmin.NamedPartition;
import io.tidelog.metadata.api.ReplicaAdmin.Reassigning;
import io.tidelog.metadata.api.ReplicaAdmin.Reassignment;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.controller.PartitionMovePlanner.Wish;
import io.tidelog.metadata.image.ClusterMembers;
import io.tidelog.metadata.image.ClusterView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is held elsewhere when partitions are to be: a whole log when all its partitions go to the
 * same nodes, else the partitions by themselves; memory only. The checks of a partition, their
 * order and, where the meaning is the same, their words are those of Kafka's {@code
 * ReplicationControlManager}.
 */
public final class ReassignmentPlanner {

  private final PartitionMovePlanner moves;

  /**
   * @param ids a new id at each call
   * @param maxLogsPerNode a node that holds so many logs gets none by a reassignment
   */
  public ReassignmentPlanner(Supplier<LogId> ids, int maxLogsPerNode) {
    this.moves = new PartitionMovePlanner(ids, maxLogsPerNode);
  }

  /** Something to be written at once. */
  sealed interface Change permits LogChange, PartitionMovePlanner.TopicChange {

    /** The wishes it fulfils, by their place in the request. */
    List<Integer> wishes();
  }

  /**
   * A log that goes elsewhere, or back.
   *
   * @param next as it becomes, with the revision that must still hold
   * @param before the nodes that held it, or null when it goes back or only their order changes
   * @param knownRevision of what is kept of {@code before} now, 0 for nothing
   */
  record LogChange(
      LogRecord next, @Nullable List<Integer> before, long knownRevision, List<Integer> wishes)
      implements Change {}

  /**
   * What is to be done.
   *
   * @param nodes the hot nodes there are: while these are the same, the logs stay there
   * @param refused by the wish's place in the request; one that is nowhere here needs nothing
   * @param later wishes to be planned when the changes are made, by their place
   */
  record Plan(
      List<Integer> nodes,
      List<Change> changes,
      Map<Integer, Fault.Refused> refused,
      List<Integer> later) {}

  /** Wishes of one request about the partitions of one log, by their place in the request. */
  private record LogWishes(LogRecord log, Map<Integer, Reassignment> wishes) {}

  /**
   * @param sameFactor whether a partition must keep its number of replicas
   */
  Plan plan(ClusterView view, List<Reassignment> request, boolean sameFactor) {
    var plan =
        new Plan(
            OperatorPlacements.nodes(view), new ArrayList<>(), new HashMap<>(), new ArrayList<>());
    var byLog = new LinkedHashMap<LogId, LogWishes>();
    var named = new HashSet<NamedPartition>();
    for (int i = 0; i < request.size(); i++) {
      var wish = request.get(i);
      try {
        if (!named.add(wish.partition())) {
          throw new Fault.Refused(
              Refusal.INVALID_REQUEST, "Partition " + text(wish.partition()) + " is named twice.");
        }
        var log = logOf(view, wish.partition());
        check(view, log, wish, sameFactor);
        byLog
            .computeIfAbsent(log.id(), id -> new LogWishes(log, new LinkedHashMap<>()))
            .wishes()
            .put(i, wish);
      } catch (Fault.Refused e) {
        plan.refused().put(i, e);
      }
    }
    var byTopic = new LinkedHashMap<String, List<Wish>>();
    byLog.values().forEach(ofLog -> planLog(view, ofLog, plan, byTopic));
    byTopic.forEach((name, wishes) -> planTopic(view, name, wishes, plan));
    return plan;
  }

  private static LogRecord logOf(ClusterView view, NamedPartition partition) {
    var topic = view.topic(partition.topic());
    if (topic == null) {
      throw new Fault.Refused(
          Refusal.UNKNOWN_TOPIC_OR_PARTITION,
          "Unable to find a topic named " + partition.topic() + ".");
    }
    if (partition.partition() < 0 || partition.partition() >= topic.partitionCount()) {
      throw new Fault.Refused(
          Refusal.UNKNOWN_TOPIC_OR_PARTITION,
          "Unable to find partition " + partition.topic() + ":" + partition.partition() + ".");
    }
    var log = view.log(topic.homes().home(partition.partition()));
    if (log == null) {
      throw new Fault.Refused(
          Refusal.UNKNOWN_TOPIC_OR_PARTITION,
          "The segment log of partition " + text(partition) + " is not known yet.");
    }
    return log;
  }

  private void check(ClusterView view, LogRecord log, Reassignment wish, boolean sameFactor) {
    var replicas = wish.replicas();
    var goal = goalOf(view, wish.partition());
    if (replicas == null) {
      if (goal == null && !view.members().reassignments().containsKey(log.id())) {
        throw new Fault.Refused(
            Refusal.NO_REASSIGNMENT_IN_PROGRESS, "No partition reassignment is in progress.");
      }
      return;
    }
    if (replicas.isEmpty()) {
      throw invalid("The manual partition assignment includes an empty replica list.");
    }
    var known = hotNodes(view);
    var seen = new HashSet<Integer>();
    for (int node : replicas) {
      if (!known.contains(node)) {
        throw invalid(
            "The manual partition assignment includes broker "
                + node
                + ", but no such broker is registered"
                + (view.registration(node) == null ? "." : " with the role hot."));
      }
      if (!seen.add(node)) {
        throw invalid(
            "The manual partition assignment includes the broker " + node + " more than once.");
      }
      if (view.members().drains().contains(node)) {
        throw invalid("Node " + node + " is being drained; take that back first.");
      }
    }
    int factor = (goal == null ? log : goal).replicas().size();
    if (sameFactor && replicas.size() != factor) {
      throw new Fault.Refused(
          Refusal.INVALID_REPLICATION_FACTOR,
          "The replication factor is changed from " + factor + " to " + replicas.size());
    }
  }

  /** The log a partition moves to, or null. */
  private static @Nullable LogRecord goalOf(ClusterView view, NamedPartition partition) {
    var topic = view.topic(partition.topic());
    var move = topic == null ? null : topic.homes().move(partition.partition());
    return move == null ? null : view.log(move.to());
  }

  /** Nodes that hold logs or may, also those that are not alive for the moment. */
  private static Set<Integer> hotNodes(ClusterView view) {
    var nodes = new HashSet<Integer>();
    view.logs().forEach(log -> nodes.addAll(log.replicas()));
    view.registrations().stream()
        .filter(NodeRegistration::isHot)
        .forEach(node -> nodes.add(node.id()));
    return nodes;
  }

  private void planLog(ClusterView view, LogWishes of, Plan plan, Map<String, List<Wish>> byTopic) {
    var log = of.log();
    var underWay = view.members().reassignments().get(log.id());
    Set<@Nullable List<Integer>> wanted = new HashSet<>();
    of.wishes().values().forEach(wish -> wanted.add(targetOf(wish, underWay)));
    boolean touched = movesTouch(view, log.id());
    if (!touched && wanted.size() == 1 && wanted.contains(log.replicas())) {
      return;
    }
    int inLog = view.partitionsByLog().getOrDefault(log.id(), 0);
    var target = wanted.iterator().next();
    boolean isWhole = !touched && wanted.size() == 1 && of.wishes().size() >= inLog;
    if (isWhole && target != null && target.size() == log.replicas().size()) {
      plan.changes().add(whole(of, target, underWay));
      return;
    }
    of.wishes()
        .forEach(
            (at, wish) -> {
              boolean isOfLog = wish.replicas() == null && goalOf(view, wish.partition()) == null;
              if (isOfLog) {
                plan.refused().put(at, notWhole(log, inLog));
                return;
              }
              byTopic
                  .computeIfAbsent(wish.partition().topic(), name -> new ArrayList<>())
                  .add(new Wish(at, wish.partition().partition(), wish.replicas()));
            });
  }

  private static boolean movesTouch(ClusterView view, LogId log) {
    for (var name : view.moving()) {
      var homes = Objects.requireNonNull(view.topic(name), name).homes();
      for (var move : homes.moves().entrySet()) {
        if (move.getValue().to().equals(log) || homes.home(move.getKey()).equals(log)) {
          return true;
        }
      }
    }
    return false;
  }

  private static LogChange whole(
      LogWishes of, List<Integer> target, ClusterMembers.@Nullable Reassignment underWay) {
    var before = underWay == null ? of.log().replicas() : underWay.before();
    boolean isThere = new HashSet<>(target).equals(new HashSet<>(before));
    return new LogChange(
        of.log().heldBy(target),
        isThere ? null : before,
        underWay == null ? 0 : underWay.modRevision(),
        List.copyOf(of.wishes().keySet()));
  }

  private static @Nullable List<Integer> targetOf(
      Reassignment wish, ClusterMembers.@Nullable Reassignment underWay) {
    var replicas = wish.replicas();
    return replicas == null && underWay != null ? underWay.before() : replicas;
  }

  private void planTopic(ClusterView view, String name, List<Wish> wishes, Plan plan) {
    var topic = Objects.requireNonNull(view.topic(name), name);
    var ofTopic = moves.plan(view, topic, wishes);
    plan.refused().putAll(ofTopic.refused());
    plan.later().addAll(ofTopic.later());
    if (ofTopic.change() != null) {
      plan.changes().add(ofTopic.change());
    }
  }

  /** What is on its way, by topic and number. */
  static List<Reassigning> underWay(ClusterView view) {
    var found = new ArrayList<Reassigning>();
    if (view.members().reassignments().isEmpty() && view.moving().isEmpty()) {
      return found;
    }
    for (var name : view.topicsByName().keySet().stream().sorted().toList()) {
      addUnderWay(view, Objects.requireNonNull(view.topic(name), name), found);
    }
    return found;
  }

  private static void addUnderWay(ClusterView view, TopicImage topic, List<Reassigning> found) {
    int partition = 0;
    for (var run : topic.homes().runs()) {
      var underWay = view.members().reassignments().get(run.log());
      var log = view.log(run.log());
      for (int i = 0; i < run.count(); i++, partition++) {
        var named = new NamedPartition(topic.name(), partition);
        var goal = goalOf(view, named);
        if (goal != null && log != null) {
          found.add(reassigning(named, goal, log.replicas()));
        } else if (underWay != null && log != null) {
          found.add(reassigning(named, log, underWay.before()));
        }
      }
    }
  }

  private static Reassigning reassigning(
      NamedPartition partition, LogRecord log, List<Integer> before) {
    var adding = log.replicas().stream().filter(node -> !before.contains(node)).toList();
    var removing = before.stream().filter(node -> !log.replicas().contains(node)).toList();
    var all = new ArrayList<>(log.replicas());
    all.addAll(removing);
    return new Reassigning(partition, all, adding, removing);
  }

  private static String text(NamedPartition partition) {
    return partition.topic() + "-" + partition.partition();
  }

  private static Fault.Refused notWhole(LogRecord log, int inLog) {
    return invalid(
        "What is under way is the reassignment of segment log "
            + log.id().uuid()
            + " with all its partitions, "
            + inLog
            + " in all; it is taken back with all of them.");
  }

  private static Fault.Refused invalid(String message) {
    return new Fault.Refused(Refusal.INVALID_REPLICA_ASSIGNMENT, message);
  }
}
