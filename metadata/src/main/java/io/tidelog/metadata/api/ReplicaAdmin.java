package io.tidelog.metadata.api;

import io.tidelog.core.Fault;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What an operator asks of the replicas and leaders of partitions. They are those of the segment
 * log a partition lives in, so that who leads one leads all that live there. From any thread;
 * stages as {@link TopicAdmin}. What became of each partition is told by its own outcome; a stage
 * fails only when nothing is known of any.
 */
public interface ReplicaAdmin {

  /** Elections as Kafka's ElectLeaders has them. */
  enum Election {
    /** The first replica is to lead, if it is alive and in sync. */
    PREFERRED,
    /**
     * Any live replica is to lead a log that nobody leads. One without all that is committed is
     * never elected: the others would lose it.
     */
    UNCLEAN
  }

  /** A partition as clients name it. */
  record NamedPartition(String topic, int partition) {}

  /**
   * What became of one partition.
   *
   * @param fault null when it is done
   */
  record Outcome(NamedPartition partition, @Nullable Fault fault) {}

  /**
   * Nodes that are to hold a partition.
   *
   * @param replicas the preferred leader first; null to leave it where it was before
   */
  record Reassignment(NamedPartition partition, @Nullable List<Integer> replicas) {}

  /**
   * A partition on its way.
   *
   * @param replicas those it is to have, then those that are to go
   * @param adding on the way
   * @param removing to go when those on the way are in sync
   */
  record Reassigning(
      NamedPartition partition,
      List<Integer> replicas,
      List<Integer> adding,
      List<Integer> removing) {}

  /**
   * Elects leaders; an outcome is told when the election is agreed on, just before the new leader
   * serves. Refusals of an outcome: {@code UNKNOWN_TOPIC_OR_PARTITION}, {@code
   * ELECTION_NOT_NEEDED}, {@code PREFERRED_LEADER_NOT_AVAILABLE}, {@code
   * ELIGIBLE_LEADERS_NOT_AVAILABLE}.
   *
   * @param partitions null for all; then those that need no election have no outcome
   */
  CompletionStage<List<Outcome>> elect(
      Election election, @Nullable List<NamedPartition> partitions);

  /**
   * Has partitions held elsewhere: with their log, when all its partitions are named together and
   * go to the same nodes, else by a move to another log, which is made if there is none. An outcome
   * is told when the wish is kept, long before it is fulfilled; {@link #reassigning} shows it until
   * then. Refusals of an outcome: {@code UNKNOWN_TOPIC_OR_PARTITION}, {@code
   * INVALID_REPLICA_ASSIGNMENT}, {@code INVALID_REPLICATION_FACTOR}, {@code
   * NO_REASSIGNMENT_IN_PROGRESS}.
   *
   * @param sameFactor whether a wish for another number of replicas is refused
   * @return one outcome for each, in order
   */
  CompletionStage<List<Outcome>> reassign(List<Reassignment> wishes, boolean sameFactor);

  /** The partitions on their way now, by topic and number. */
  CompletionStage<List<Reassigning>> reassigning();
}
