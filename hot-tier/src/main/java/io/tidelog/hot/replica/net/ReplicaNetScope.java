package io.tidelog.hot.replica.net;

import io.netty.channel.EventLoop;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the connections of one transport share. All but the counts and the listeners belongs to the
 * event loop.
 */
record ReplicaNetScope(
    ReplicaIdentity identity,
    ReplicaNetConfig config,
    EventLoop eventLoop,
    Listeners listeners,
    GroupsPool pool,
    ConnectionFaultLog faults,
    Counts counts) {

  /** Written on the event loop, but for {@code dropped}; read by anyone. */
  record Counts(
      AtomicInteger incoming,
      AtomicInteger outgoing,
      LongAdder sentBytes,
      LongAdder receivedBytes,
      LongAdder dropped) {

    Counts() {
      this(
          new AtomicInteger(),
          new AtomicInteger(),
          new LongAdder(),
          new LongAdder(),
          new LongAdder());
    }
  }
}
