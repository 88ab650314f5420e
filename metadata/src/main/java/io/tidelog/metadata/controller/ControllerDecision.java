package io.tidelog.metadata.controller;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.placement.NewLogs;
import java.util.SortedMap;

/** What a {@link ControllerMachine} wants done. */
public sealed interface ControllerDecision {

  /** Logs that a class lacks. */
  record MakeLogs(NewLogs logs) implements ControllerDecision {}

  /**
   * A log becomes this, unless it has changed since.
   *
   * @param why for the operator
   */
  record ChangeLog(LogRecord next, String why) implements ControllerDecision {}

  /** The lead goes to another in-sync replica. */
  record HandOver(LogRecord log, ReplicaId to) implements ControllerDecision {}

  /**
   * A log is where an operator wanted it.
   *
   * @param knownRevision of what is kept of the way there
   */
  record EndReassignment(LogId log, long knownRevision) implements ControllerDecision {}

  /**
   * A log need not stay where an operator placed it.
   *
   * @param knownRevision of what is kept of that
   */
  record EndPlacement(LogId log, long knownRevision) implements ControllerDecision {}

  /**
   * Partitions of a topic stay where they are, unless the topic has changed since.
   *
   * @param why by partition, for the operator
   */
  record TakeBackMoves(TopicImage next, SortedMap<Integer, String> why)
      implements ControllerDecision {}

  /** A node that has not been alive for long loses its name. */
  record ForgetName(String name) implements ControllerDecision {}

  /**
   * The store forgets what was superseded.
   *
   * @param upToRevision what was newest then stays
   */
  record ForgetHistory(long upToRevision) implements ControllerDecision {}
}
