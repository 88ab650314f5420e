package io.tidelog.gateway.net;

import io.tidelog.core.Clock;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.wire.RequestDecoder;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What every connection of a gateway works with. Shared by all event loops: immutable but for the
 * counts, which are atomic.
 *
 * @param connectionIds the last one given out
 */
record ConnectionScope(
    GatewayConfig config,
    Clock clock,
    RequestDecoder decoder,
    RequestMemory memory,
    ConnectionLimiter limiter,
    AtomicLong connectionIds) {}
