package io.tidelog.gateway.wire;

import io.tidelog.core.Lane;

/** Makes connections to other nodes on one event loop, for the clients of that loop. */
public interface Dialer {

  Lane lane();

  /** As {@link ClientLink#dial}. */
  NodePipe dial(PipeTarget target);
}
