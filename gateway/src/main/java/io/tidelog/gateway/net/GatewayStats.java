package io.tidelog.gateway.net;

/**
 * What the gateway has done since its start, for metrics.
 *
 * @param openConnections now
 * @param acceptedConnections those within the limits
 * @param refusedConnections closed at once, being over {@code max.connections} or {@code
 *     max.connections.per.ip}
 * @param closedForCause closed for what they sent, or did not send in time
 * @param requests handed to a handler
 * @param requestBytes of requests now in memory
 */
public record GatewayStats(
    int openConnections,
    long acceptedConnections,
    long refusedConnections,
    long closedForCause,
    long requests,
    long requestBytes) {}
