package io.tidelog.metadata.controller;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.ReplicaAdmin.NamedPartition;
import io.tidelog.metadata.api.ReplicaAdmin.Reassigning;
import io.tidelog.metadata.api.ReplicaAdmin.Reassignment;
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
import org.jspecify.annotations.Nullable;

/**
 * Which logs are held elsewhere when partitions are to be; pure. The checks of a partition, their
 * order and, where the meaning is the same, their words are those of Kafka's {@code
 * ReplicationControlManager}.
 */
final class ReassignmentPlanner {

  private ReassignmentPlanner() {}

  /**
   * A log that goes elsewhere, or back.
   *
   * @param next as it becomes, with the revision that must still hold
   * @param before the nodes that held it, or null when it goes back or only their order changes
   * @param knownRevision of what is kept of {@code before} now, 0 for nothing
   * @param wishes that it fulfils, by their place in the request
   */
  record LogChange(
      LogRecord next, @Nullable List<Integer> before, long knownRevision, List<Integer> wishes) {}

  /**
   * What is to be done.
   *
   * @param nodes the hot nodes there are: while these are the same, the logs stay there
   * @param refused by the wish's place in the request; one that is neither here nor in a change
   *     needs nothing
   */
  record Plan(List<Integer> nodes, List<LogChange> changes, Map<Integer, Fault.Refused> refused) {}

  /** Wishes of one request about the partitions of one log, by their place in the request. */
  private record LogWishes(LogRecord log, Map<Integer, Reassignment> wishes) {}

  static Plan plan(ClusterView view, List<Reassignment> request) {
    var refused = new HashMap<Integer, Fault.Refused>();
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
        check(view, log, wish);
        byLog
            .computeIfAbsent(log.id(), id -> new LogWishes(log, new LinkedHashMap<>()))
            .wishes()
            .put(i, wish);
      } catch (Fault.Refused e) {
        refused.put(i, e);
      }
    }
    var changes = new ArrayList<LogChange>();
    for (var ofLog : byLog.values()) {
      try {
        var change = change(view, ofLog);
        if (change != null) {
          changes.add(change);
        }
      } catch (Fault.Refused e) {
        ofLog.wishes().keySet().forEach(i -> refused.put(i, e));
      }
    }
    return new Plan(OperatorPlacements.nodes(view), changes, refused);
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

  private static void check(ClusterView view, LogRecord log, Reassignment wish) {
    var replicas = wish.replicas();
    if (replicas == null) {
      if (!view.members().reassignments().containsKey(log.id())) {
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
    if (replicas.size() != log.replicas().size()) {
      throw new Fault.Refused(
          Refusal.INVALID_REPLICATION_FACTOR,
          "The replication factor is changed from "
              + log.replicas().size()
              + " to "
              + replicas.size()
              + "; it is that of the segment log and stays.");
    }
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

  /** What is to become of a log, or null when it is as wanted. */
  private static @Nullable LogChange change(ClusterView view, LogWishes of) {
    var log = of.log();
    var underWay = view.members().reassignments().get(log.id());
    Set<@Nullable List<Integer>> wanted = new HashSet<>();
    of.wishes().values().forEach(wish -> wanted.add(targetOf(wish, underWay)));
    if (wanted.size() == 1 && wanted.contains(log.replicas())) {
      return null;
    }
    int inLog = view.partitionsByLog().getOrDefault(log.id(), 0);
    if (wanted.size() > 1 || of.wishes().size() < inLog) {
      throw invalid(
          "These partitions share segment log "
              + log.id().uuid()
              + " and its replicas "
              + log.replicas()
              + " with others, "
              + inLog
              + " in all; partitions of one log are reassigned together and to the same nodes.");
    }
    var target = Objects.requireNonNull(wanted.iterator().next(), "target");
    var before = underWay == null ? log.replicas() : underWay.before();
    boolean isThere = new HashSet<>(target).equals(new HashSet<>(before));
    return new LogChange(
        log.heldBy(target),
        isThere ? null : before,
        underWay == null ? 0 : underWay.modRevision(),
        List.copyOf(of.wishes().keySet()));
  }

  private static @Nullable List<Integer> targetOf(
      Reassignment wish, ClusterMembers.@Nullable Reassignment underWay) {
    var replicas = wish.replicas();
    return replicas == null && underWay != null ? underWay.before() : replicas;
  }

  /** What is on its way, by topic and number. */
  static List<Reassigning> underWay(ClusterView view) {
    var reassignments = view.members().reassignments();
    var found = new ArrayList<Reassigning>();
    if (reassignments.isEmpty()) {
      return found;
    }
    for (var name : view.topicsByName().keySet().stream().sorted().toList()) {
      int partition = 0;
      for (var run : Objects.requireNonNull(view.topic(name), name).homes().runs()) {
        var underWay = reassignments.get(run.log());
        var log = view.log(run.log());
        for (int i = 0; i < run.count(); i++, partition++) {
          if (underWay != null && log != null) {
            found.add(reassigning(new NamedPartition(name, partition), log, underWay.before()));
          }
        }
      }
    }
    return found;
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

  private static Fault.Refused invalid(String message) {
    return new Fault.Refused(Refusal.INVALID_REPLICA_ASSIGNMENT, message);
  }
}
