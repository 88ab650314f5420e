package io.tidelog.chaos.history;

/**
 * One thing that a client process did or saw. An operation is two events, since a process may die
 * between them; one without an end has an unknown outcome.
 */
public sealed interface Event {

  /** When it was written down; for an observation, when it was complete. */
  Stamp at();

  /** A record is about to be sent. */
  record SendInvoked(Stamp at, long op, Place place, long value) implements Event {}

  /**
   * @param offset of the record, or -1 when the server did not say
   * @param error empty when it went well
   */
  record SendDone(Stamp at, long op, Outcome outcome, long offset, String error) implements Event {}

  /**
   * A consumer begins; its sessions are told apart by number within the process.
   *
   * @param group empty unless it is a member of one
   */
  record SessionStarted(Stamp at, int session, Reading reading, String group) implements Event {}

  /**
   * The session reads a partition from here on.
   *
   * @param position offset of the next record it may see, or -1 when it does not know
   */
  record Assigned(Stamp at, int session, Place place, long position) implements Event {}

  /** The session reads it no more. */
  record Revoked(Stamp at, int session, Place place) implements Event {}

  /**
   * @param value or {@link Value#DAMAGED}
   */
  record Polled(Stamp at, int session, Place place, long offset, long value) implements Event {}

  /** A member is about to commit what it has processed. */
  record CommitInvoked(Stamp at, long op, int session, String group, Place place, long offset)
      implements Event {}

  record CommitDone(Stamp at, long op, Outcome outcome, String error) implements Event {}

  /**
   * What a group has committed, as the server says.
   *
   * @param invokedNs when it was asked
   * @param offset -1 for nothing
   */
  record CommittedSeen(Stamp at, long invokedNs, String group, Place place, long offset)
      implements Event {}

  /** The end offset that the server tells consumers. */
  record EndSeen(Stamp at, long invokedNs, Place place, long end) implements Event {}

  /** The final reading of a partition: all of [start, end) was asked for. */
  record FinalBounds(Stamp at, Place place, long start, long end) implements Event {}

  /** What is done to topics. */
  enum TopicAction {
    CREATE,
    DELETE,
    ADD_PARTITIONS,
    SET_RETENTION
  }

  /**
   * @param number of partitions, or the value set
   */
  record TopicInvoked(Stamp at, long op, TopicAction action, String topic, long number)
      implements Event {}

  record TopicDone(Stamp at, long op, Outcome outcome, String error) implements Event {}

  /**
   * A topic as the server describes it.
   *
   * @param retentionMs -1 when it was not asked for
   */
  record TopicSeen(
      Stamp at, long invokedNs, String topic, String id, int partitions, long retentionMs)
      implements Event {}

  /**
   * A partition is asked to go to other replicas.
   *
   * @param replicas ids of nodes, separated by commas
   */
  record MoveInvoked(Stamp at, long op, Place place, String replicas) implements Event {}

  /**
   * @param outcome {@link Outcome#OK} when it is there
   */
  record MoveDone(Stamp at, long op, Outcome outcome, String error) implements Event {}

  /** The final listing has begun; what follows is all there is. */
  record FinalTopics(Stamp at) implements Event {}
}
