package io.tidelog.gateway.net;

import io.tidelog.gateway.wire.PipeTarget;

/** Opens sockets to other nodes on one event loop. */
@FunctionalInterface
interface NodeConnector {

  /** Tells {@code connection} later, on the loop, how it ended. */
  void connect(PipeTarget target, NodeConnection connection);
}
