package io.tidelog.metadata.topic;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.NewTopic;
import io.tidelog.metadata.api.NodeRegistration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Whether the replicas asked for can be had; pure. The checks, their order and their words are
 * those of Kafka's {@code ReplicationControlManager}.
 */
final class ReplicaPlanner {

  private final TopicLimits limits;

  ReplicaPlanner(TopicLimits limits) {
    this.limits = limits;
  }

  /** How many partitions the new topic gets, and how many replicas each. */
  Shape decideShape(ClusterImage cluster, NewTopic topic) {
    var assignments = topic.assignments();
    if (assignments != null && !assignments.isEmpty()) {
      return checkAssignments(cluster, topic, assignments);
    }
    if (topic.replicationFactor() < NewTopic.DEFAULT || topic.replicationFactor() == 0) {
      throw new Fault.Refused(
          Refusal.INVALID_REPLICATION_FACTOR,
          "Replication factor must be larger than 0, or -1 to use the default value.");
    }
    if (topic.partitions() < NewTopic.DEFAULT || topic.partitions() == 0) {
      throw new Fault.Refused(
          Refusal.INVALID_PARTITIONS,
          "Number of partitions was set to an invalid non-positive value.");
    }
    int replicas =
        topic.replicationFactor() == NewTopic.DEFAULT
            ? limits.defaultReplicationFactor()
            : topic.replicationFactor();
    int nodes = hotNodes(cluster).size();
    if (replicas > nodes) {
      throw tooManyReplicas(replicas, nodes);
    }
    return new Shape(
        topic.partitions() == NewTopic.DEFAULT ? limits.defaultPartitions() : topic.partitions(),
        replicas);
  }

  /** Partitions and replicas of each. */
  record Shape(int partitions, int replicas) {}

  static Fault.Refused tooManyReplicas(int replicas, int nodes) {
    return new Fault.Refused(
        Refusal.INVALID_REPLICATION_FACTOR,
        "Unable to replicate the partition "
            + replicas
            + " time(s): The target replication factor of "
            + replicas
            + " cannot be reached because only "
            + nodes
            + " broker(s) are registered.");
  }

  /** Nodes that hold logs, also those that are not alive for the moment. */
  private static Set<Integer> hotNodes(ClusterImage cluster) {
    var nodes = new HashSet<Integer>();
    cluster.logs().forEach(log -> nodes.addAll(log.replicas()));
    cluster.registrations().stream()
        .filter(NodeRegistration::isHot)
        .forEach(node -> nodes.add(node.id()));
    return nodes;
  }

  /** Checks the replicas of partitions to be added to a topic of so many replicas each. */
  void checkAdded(ClusterImage cluster, int added, int replicas, List<List<Integer>> assignments) {
    if (assignments.size() != added) {
      throw new Fault.Refused(
          Refusal.INVALID_REPLICA_ASSIGNMENT,
          "Attempted to add "
              + added
              + " additional partition(s), but only "
              + assignments.size()
              + " assignment(s) were specified.");
    }
    checkReplicas(cluster, assignments, replicas);
  }

  private Shape checkAssignments(
      ClusterImage cluster, NewTopic topic, Map<Integer, List<Integer>> assignments) {
    if (topic.replicationFactor() != NewTopic.DEFAULT) {
      throw manual("replication factor");
    }
    if (topic.partitions() != NewTopic.DEFAULT) {
      throw manual("numPartitions");
    }
    var byPartition = new TreeMap<>(assignments);
    var first = byPartition.firstEntry().getValue();
    checkReplicas(cluster, byPartition.values(), first.size());
    int count = byPartition.size();
    if (byPartition.firstKey() != 0 || byPartition.lastKey() != count - 1) {
      throw new Fault.Refused(
          Refusal.INVALID_REPLICA_ASSIGNMENT,
          "partitions should be a consecutive 0-based integer sequence");
    }
    return new Shape(count, first.size());
  }

  private static void checkReplicas(
      ClusterImage cluster, Collection<List<Integer>> assignments, int expected) {
    var nodes = hotNodes(cluster);
    for (var replicas : assignments) {
      if (replicas.isEmpty()) {
        throw assignment("an empty replica list.");
      }
      var seen = new HashSet<Integer>();
      for (int replica : replicas) {
        if (!seen.add(replica)) {
          throw assignment("the broker " + replica + " more than once.");
        }
        if (!nodes.contains(replica)) {
          throw assignment("broker " + replica + ", but no such broker is registered.");
        }
      }
      if (replicas.size() != expected) {
        throw assignment(
            "a partition with "
                + replicas.size()
                + " replica(s), but this is not consistent with previous partitions, which have "
                + expected
                + " replica(s).");
      }
    }
  }

  private static Fault.Refused manual(String what) {
    return new Fault.Refused(
        Refusal.INVALID_REQUEST,
        "A manual partition assignment was specified, but " + what + " was not set to -1.");
  }

  private static Fault.Refused assignment(String what) {
    return new Fault.Refused(
        Refusal.INVALID_REPLICA_ASSIGNMENT, "The manual partition assignment includes " + what);
  }
}
