package io.tidelog.gateway.handler.data;

import io.tidelog.core.Fault;
import io.tidelog.gateway.wire.KafkaErrors;
import org.apache.kafka.common.protocol.Errors;

/** Tells faults of a partition in the protocol's words. */
final class PartitionErrors {

  private PartitionErrors() {}

  /** What may succeed later makes the client look for the leader, and come back. */
  static Errors of(Throwable fault) {
    return KafkaErrors.unwrap(fault) instanceof Fault.Retriable
        ? Errors.NOT_LEADER_OR_FOLLOWER
        : KafkaErrors.of(fault);
  }
}
