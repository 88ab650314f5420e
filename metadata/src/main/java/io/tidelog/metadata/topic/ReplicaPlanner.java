package io.tidelog.metadata.topic;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.NewTopic;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

  /** How many partitions the new topic gets. */
  int decidePartitionCount(ClusterImage cluster, NewTopic topic) {
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
    int nodes = cluster.nodes().size();
    if (replicas > nodes) {
      throw new Fault.Refused(
          Refusal.INVALID_REPLICATION_FACTOR,
          "Unable to replicate the partition "
              + replicas
              + " time(s): The target replication factor of "
              + replicas
              + " cannot be reached because only "
              + nodes
              + " broker(s) are registered.");
    }
    return topic.partitions() == NewTopic.DEFAULT ? limits.defaultPartitions() : topic.partitions();
  }

  /** Checks the replicas of partitions to be added to a topic of one replica each. */
  void checkAdded(ClusterImage cluster, int added, List<List<Integer>> assignments) {
    if (assignments.size() != added) {
      throw new Fault.Refused(
          Refusal.INVALID_REPLICA_ASSIGNMENT,
          "Attempted to add "
              + added
              + " additional partition(s), but only "
              + assignments.size()
              + " assignment(s) were specified.");
    }
    checkReplicas(cluster, assignments, 1);
  }

  private int checkAssignments(
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
    return count;
  }

  private static void checkReplicas(
      ClusterImage cluster, Collection<List<Integer>> assignments, int expected) {
    for (var replicas : assignments) {
      if (replicas.isEmpty()) {
        throw assignment("an empty replica list.");
      }
      var seen = new HashSet<Integer>();
      for (int replica : replicas) {
        if (!seen.add(replica)) {
          throw assignment("the broker " + replica + " more than once.");
        }
        if (cluster.node(replica) == null) {
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
