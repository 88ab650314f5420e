package io.tidelog.gateway.net;

import io.tidelog.gateway.GatewayConfig.ConnectionConfig;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts the open connections, in all and by address. Event loops accept at the same time, so the
 * counts are concurrent; each is exact, and nothing else is shared.
 */
final class ConnectionLimiter {

  private static final int NETWORK_BYTES = 8;

  private final ConnectionConfig config;
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentHashMap<Origin, Integer> openByOrigin = new ConcurrentHashMap<>();

  ConnectionLimiter(ConnectionConfig config) {
    this.config = config;
  }

  /** Counts a new connection in; a reason means that it was not, and is to be closed. */
  @Nullable String admit(InetAddress address) {
    if (open.incrementAndGet() > config.maxConnections()) {
      open.decrementAndGet();
      return "more than max.connections=" + config.maxConnections();
    }
    int fromThere = openByOrigin.merge(Origin.of(address), 1, Integer::sum);
    if (fromThere > config.maxConnectionsPerIp()) {
      leave(address);
      return "more than max.connections.per.ip=" + config.maxConnectionsPerIp();
    }
    return null;
  }

  /** Counts an admitted connection out. */
  void leave(InetAddress address) {
    open.decrementAndGet();
    openByOrigin.computeIfPresent(Origin.of(address), (_, count) -> count == 1 ? null : count - 1);
  }

  int open() {
    return open.get();
  }

  /** An IPv4 address, or the /64 network that one owner of IPv6 addresses usually has. */
  private record Origin(InetAddress address, long network) {

    static Origin of(InetAddress address) {
      if (address instanceof Inet6Address && !address.isLoopbackAddress()) {
        var network = Arrays.copyOf(address.getAddress(), NETWORK_BYTES);
        return new Origin(
            InetAddress.getLoopbackAddress(), java.nio.ByteBuffer.wrap(network).getLong());
      }
      return new Origin(address, 0);
    }
  }
}
