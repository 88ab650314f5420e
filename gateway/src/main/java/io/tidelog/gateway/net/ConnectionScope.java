package io.tidelog.gateway.net;

import io.tidelog.core.Clock;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.wire.ForwardCounters;
import io.tidelog.gateway.wire.RequestDecoder;
import java.util.concurrent.atomic.LongAdder;

/**
 * What every connection of a gateway works with. Shared by all event loops: immutable but for the
 * counts, which are atomic.
 *
 * @param memory of clients' requests
 * @param answers memory of what other nodes answer
 * @param forwards counts what they are asked
 */
record ConnectionScope(
    GatewayConfig config,
    Clock clock,
    RequestDecoder decoder,
    RequestMemory memory,
    RequestMemory answers,
    ConnectionLimiter limiter,
    Counts counts,
    ForwardCounters forwards) {

  /** What happened since the start. */
  record Counts(
      LongAdder accepted, LongAdder refused, LongAdder closedForCause, LongAdder requests) {

    Counts() {
      this(new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder());
    }
  }
}
