package io.tidelog.metadata.store.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Watch;
import io.grpc.Status;
import io.tidelog.core.Clock;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client of jetcd in use, replaced by a new one while etcd is out of reach. gRPC waits longer
 * and longer between its tries to connect, up to two minutes, and only a new channel tries at once
 * (gRPC's connection back-off protocol); jetcd does not show its channel. Owned by the store's
 * thread; what it hands out may be used from any.
 */
final class EtcdClient {

  private static final Logger LOG = LoggerFactory.getLogger(EtcdClient.class);

  private final EtcdConfig config;
  private final Clock clock;
  private final long reconnectNs;
  private volatile Client client;

  /** When a member answered last, or the client was made. */
  private long reachedNs;

  /** A call has found no member since then. */
  private boolean isOutOfReach;

  EtcdClient(EtcdConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
    this.reconnectNs = TimeUnit.MILLISECONDS.toNanos(config.reconnectMs());
    this.client = EtcdConnection.open(config);
    this.reachedNs = clock.monotonicNs();
  }

  KV kv() {
    return client.getKVClient();
  }

  Lease leases() {
    return client.getLeaseClient();
  }

  Watch watches() {
    return client.getWatchClient();
  }

  /**
   * A call has ended.
   *
   * @param failure null when it succeeded
   */
  void onEnded(@Nullable Throwable failure) {
    isOutOfReach = failure != null && isOutOfReach(failure);
    if (!isOutOfReach) {
      reachedNs = clock.monotonicNs();
    }
  }

  private static boolean isOutOfReach(Throwable failure) {
    var code = EtcdFaults.code(failure);
    return code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED;
  }

  /** To be called now and then. */
  void reconnectIfOutOfReach() {
    long nowNs = clock.monotonicNs();
    if (isOutOfReach && nowNs - reachedNs >= reconnectNs) {
      LOG.info("etcd is out of reach, connecting anew. endpoints={}", config.endpoints());
      var old = client;
      client = EtcdConnection.open(config);
      reachedNs = nowNs;
      // Waits for its threads; calls it has still to answer fail.
      var unused = Thread.ofVirtual().name("etcd-client-close").start(old::close);
    }
  }

  /** It is not replaced any more. */
  void close() {
    isOutOfReach = false;
    client.close();
  }
}
