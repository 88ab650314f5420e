package io.tidelog.metadata.api;

import io.tidelog.core.Fault;
import java.util.concurrent.CompletionStage;

/**
 * What an operator asks of the nodes of a cluster. From any thread; stages as {@link TopicAdmin}.
 */
public interface NodeAdmin {

  /**
   * Has a node, alive or not, lead and hold nothing any more, or takes that back. Completes when
   * the wish is kept, long before it is fulfilled. Refusal: {@code INVALID_REQUEST} for a node that
   * nobody knows.
   */
  CompletionStage<Void> drain(int nodeId, boolean wanted);

  /**
   * Forgets a node, as Kafka's UnregisterBroker. Refusals: {@code INVALID_REQUEST} for one that is
   * alive or still holds logs, {@code BROKER_ID_NOT_REGISTERED} for one that nobody remembers.
   *
   * @throws Fault.Refused never directly; by the stage
   */
  CompletionStage<Void> unregister(int nodeId);
}
