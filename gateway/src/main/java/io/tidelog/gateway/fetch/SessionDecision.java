package io.tidelog.gateway.fetch;

import java.util.List;

/** What a fetch reads, and how its answer is told. */
public sealed interface SessionDecision {

  /** Answer everything and remember nothing. */
  record Sessionless(List<PartitionFetch> partitions) implements SessionDecision {}

  /** Answer everything and open a session if there is room. */
  record Full(boolean byTopicId, List<PartitionFetch> partitions) implements SessionDecision {}

  /** Answer what is new since {@code epoch - 1}. */
  record Incremental(int sessionId, int epoch, List<PartitionFetch> partitions)
      implements SessionDecision {}

  /** Answer this error and nothing else; the client opens a new session. */
  record Rejected(SessionError error) implements SessionDecision {}

  /** By the names of Kafka's protocol errors. */
  enum SessionError {
    FETCH_SESSION_ID_NOT_FOUND,
    INVALID_FETCH_SESSION_EPOCH,
    FETCH_SESSION_TOPIC_ID_ERROR
  }
}
