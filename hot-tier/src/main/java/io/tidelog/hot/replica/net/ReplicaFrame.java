package io.tidelog.hot.replica.net;

import io.tidelog.core.LogId;
import io.tidelog.hot.replica.ReplicaMessage;

/** A message and the log it is about. */
public record ReplicaFrame(LogId log, ReplicaMessage message) {}
