package io.tidelog.gateway.wire;

/**
 * The other end of a connection between nodes.
 *
 * @param connectTimeoutMs it is there by then, or is not
 */
public record PipeTarget(int nodeId, String host, int port, int connectTimeoutMs) {}
