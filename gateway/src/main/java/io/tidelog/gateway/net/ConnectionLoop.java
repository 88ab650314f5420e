package io.tidelog.gateway.net;

import io.netty.channel.EventLoop;
import io.tidelog.core.Lane;
import io.tidelog.gateway.wire.Dialer;
import io.tidelog.gateway.wire.NodePipe;
import io.tidelog.gateway.wire.PipeTarget;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of one event loop, which owns everything here: flushes each of them once a turn
 * and looks for those that are overdue.
 */
final class ConnectionLoop implements Dialer {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionLoop.class);

  /** Less than a pause may be. */
  private static final long MAX_SWEEP_MS = 1_000;

  private final EventLoop eventLoop;
  private final ConnectionScope scope;
  private final Lane lane;
  private final ClosedConnectionLog closedLog;
  private final long sweepNs;
  private final long stallNs;
  private final long pauseNs;
  private final long outboundLimitBytes;
  private final Set<ClientConnection> connections = new LinkedHashSet<>();
  private final NodeConnector connector;
  private List<Runnable> unflushed = new ArrayList<>();
  private long lastTurnNs;
  private boolean sweeping;
  private boolean draining;

  ConnectionLoop(EventLoop eventLoop, ConnectionScope scope, NodeConnector connector) {
    this.eventLoop = eventLoop;
    this.scope = scope;
    this.connector = connector;
    this.lane = new EventLoopLane(eventLoop, scope.clock());
    this.closedLog = new ClosedConnectionLog(scope.clock());
    this.sweepNs = TimeUnit.MILLISECONDS.toNanos(sweepMs(scope));
    var config = scope.config();
    this.stallNs = TimeUnit.MILLISECONDS.toNanos(config.request().progressWindowMs());
    this.pauseNs = TimeUnit.MILLISECONDS.toNanos(config.connection().pauseMs());
    this.outboundLimitBytes =
        config.socket().queuedOutboundBytes() / config.socket().networkThreads();
  }

  ConnectionScope scope() {
    return scope;
  }

  @Override
  public Lane lane() {
    return lane;
  }

  @Override
  public NodePipe dial(PipeTarget target) {
    var connection = new NodeConnection(this, target);
    connector.connect(target, connection);
    return connection;
  }

  ClosedConnectionLog closedLog() {
    return closedLog;
  }

  boolean inEventLoop() {
    return eventLoop.inEventLoop();
  }

  /** False when the gateway stops and takes no further connection. */
  boolean add(ClientConnection connection) {
    if (draining) {
      return false;
    }
    connections.add(connection);
    if (!sweeping) {
      sweeping = true;
      lastTurnNs = scope.clock().monotonicNs();
      scheduleSweep();
    }
    return true;
  }

  void remove(ClientConnection connection) {
    connections.remove(connection);
  }

  /**
   * Called now and then, and before anything is read. When the loop stood still for long, as in a
   * process that was stopped, clients have given up what they sent and asked somebody else since:
   * their connections are closed with all that was not read. Served late, it could undo what they
   * did meanwhile, since a client's requests are in order on one connection only.
   */
  void onTurn(long nowNs) {
    long stoodNs = nowNs - lastTurnNs;
    lastTurnNs = nowNs;
    if (stoodNs >= pauseNs) {
      LOG.warn(
          "stood still, closing connections of clients, ms={} connections={}",
          TimeUnit.NANOSECONDS.toMillis(stoodNs),
          connections.size());
      List.copyOf(connections).forEach(ClientConnection::abandon);
    }
  }

  /** Runs a connection's flush at the end of this turn of the event loop. */
  void flushLater(Runnable flush) {
    if (unflushed.isEmpty()) {
      eventLoop.execute(this::flushAll);
    }
    unflushed.add(flush);
  }

  /** Takes no more requests; open connections close once they are answered. */
  void drain() {
    draining = true;
    for (var connection : List.copyOf(connections)) {
      connection.drain();
    }
  }

  /** How many connections are open. */
  int size() {
    return connections.size();
  }

  private void flushAll() {
    var turn = unflushed;
    unflushed = new ArrayList<>();
    turn.forEach(Runnable::run);
  }

  private void scheduleSweep() {
    var _ = lane.executeAt(scope.clock().monotonicNs() + sweepNs, this::sweep);
  }

  private void sweep() {
    long nowNs = scope.clock().monotonicNs();
    onTurn(nowNs);
    long outboundBytes = 0;
    for (var connection : List.copyOf(connections)) {
      connection.closeIfOverdue(nowNs);
      outboundBytes += connection.measureOutbound(nowNs);
    }
    if (outboundBytes > outboundLimitBytes) {
      closeStalledReaders(nowNs, outboundBytes - outboundLimitBytes);
    }
    sweeping = !connections.isEmpty();
    if (sweeping) {
      scheduleSweep();
    }
  }

  /** Those with the most unread bytes first, until enough is given back. */
  private void closeStalledReaders(long nowNs, long excessBytes) {
    var stalled =
        connections.stream()
            .filter(c -> c.outboundBytes() > 0 && c.outboundStalledNs(nowNs) >= stallNs)
            .sorted(Comparator.comparingLong(ClientConnection::outboundBytes).reversed())
            .toList();
    long excess = excessBytes;
    for (var connection : stalled) {
      if (excess <= 0) {
        return;
      }
      excess -= connection.outboundBytes();
      connection.closeNow("does not read its answers, and memory for answers is short");
    }
  }

  private static long sweepMs(ConnectionScope scope) {
    var config = scope.config();
    long shortest =
        Math.min(
            Math.min(config.connection().maxIdleMs(), config.connection().firstRequestTimeoutMs()),
            config.request().progressWindowMs());
    return Math.clamp(shortest / 4, 1, MAX_SWEEP_MS);
  }
}
