package io.tidelog.gateway.net;

import io.tidelog.core.Clock;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.wire.RequestDecoder;
import java.util.concurrent.atomic.LongAdder;

/**
 * What every connection of a gateway works with. Shared by all event loops: immutable but for the
 * counts, which are atomic.
 */
record ConnectionScope(
    GatewayConfig config,
    Clock clock,
    RequestDecoder decoder,
    RequestMemory memory,
    ConnectionLimiter limiter,
    Counts counts) {

  /** What happened since the start. */
  record Counts(
      LongAdder accepted, LongAdder refused, LongAdder closedForCause, LongAdder requests) {

    Counts() {
      this(new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder());
    }
  }
}
