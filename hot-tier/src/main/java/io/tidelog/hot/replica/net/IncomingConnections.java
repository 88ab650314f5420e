package io.tidelog.hot.replica.net;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;

/** Connections that other nodes made, one for each node. Belongs to the event loop. */
final class IncomingConnections {

  private final ReplicaNetScope scope;
  private final IntConsumer onAlive;
  private final Set<IncomingConnection> all = new HashSet<>();
  private final Map<Integer, IncomingConnection> byNode = new HashMap<>();

  /**
   * @param onAlive told that a node has reached this one
   */
  IncomingConnections(ReplicaNetScope scope, IntConsumer onAlive) {
    this.scope = scope;
    this.onAlive = onAlive;
  }

  /** False when there are too many. */
  boolean add(IncomingConnection connection) {
    return all.size() < scope.config().maxConnections() && all.add(connection);
  }

  /**
   * The connection's node is known. A node has one connection to another, so an earlier one is dead
   * on its side, and ends here before anything of the new one is heard.
   */
  void onAccepted(int nodeId, IncomingConnection connection) {
    var before = byNode.get(nodeId);
    if (before != null) {
      before.end("the node has made a new connection");
    }
    byNode.put(nodeId, connection);
    scope.counts().incoming().incrementAndGet();
    onAlive.accept(nodeId);
  }

  /**
   * @param nodeId negative when it was never known
   */
  void remove(int nodeId, IncomingConnection connection) {
    all.remove(connection);
    if (byNode.remove(nodeId, connection)) {
      scope.counts().incoming().decrementAndGet();
      scope.listeners().onDisconnected(nodeId);
    }
  }

  void closeAll() {
    List.copyOf(all).forEach(connection -> connection.end("this node stops"));
  }
}
