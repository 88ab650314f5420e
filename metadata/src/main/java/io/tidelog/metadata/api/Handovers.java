package io.tidelog.metadata.api;

import io.tidelog.core.log.ReplicaId;
import java.util.concurrent.CompletionStage;

/**
 * Gives the lead of a log to another in-sync replica while its leader lives. Asked by the
 * controller, which asks again when nothing has changed after a while.
 */
@FunctionalInterface
public interface Handovers {

  /**
   * @param log as it stands; when it has changed since, nothing happens
   * @param to a member of its in-sync set
   * @return completes on any thread when it is done or given up
   */
  CompletionStage<Void> handOver(LogRecord log, ReplicaId to);

  /** Names the new leader in the registry; it begins when it hears of it. */
  static Handovers bySwap(LogRegistry registry) {
    return (log, to) -> registry.propose(log.handedTo(to, log.term() + 1)).thenAccept(stored -> {});
  }
}
