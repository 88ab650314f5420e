package io.tidelog.gateway.wire;

import java.net.InetSocketAddress;

/**
 * Who is at the other end of a connection.
 *
 * @param connectionId names the connection for as long as the process runs
 * @param listenerName the listener it came in by
 */
public record ClientPeer(long connectionId, String listenerName, InetSocketAddress address) {}
