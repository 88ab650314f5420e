package io.tidelog.gateway.wire;

import io.tidelog.gateway.ListenerAddress;
import java.net.InetSocketAddress;

/**
 * Who is at the other end of a connection.
 *
 * @param connectionId names the connection for as long as the process runs
 * @param advertised the listener it came in by, at the address that its clients are told
 */
public record ClientPeer(long connectionId, ListenerAddress advertised, InetSocketAddress address) {

  /** The listener's name, such as {@code PLAINTEXT}. */
  public String listenerName() {
    return advertised.name();
  }
}
