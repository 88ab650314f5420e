package io.tidelog.hot.replica.net;

import io.tidelog.core.LogId;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.hot.replica.ReplicaTransport;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** A transport on a free port, and what the listener of its one log has heard. */
final class TestNode implements AutoCloseable, ReplicaTransport.Listener {

  static final LogId LOG = new LogId(new UUID(1, 2));
  static final UUID CLUSTER = new UUID(3, 4);

  record Heard(int from, ReplicaMessage message) {}

  final int id;
  final int port;
  final VertxReplicaTransport transport;
  final Queue<Heard> heard = new ConcurrentLinkedQueue<>();
  final Queue<Integer> disconnected = new ConcurrentLinkedQueue<>();

  /** Where this node finds the others. */
  final Map<Integer, HostPort> others = new ConcurrentHashMap<>();

  private TestNode(int id, UUID cluster, Map<String, String> settings) throws Exception {
    this.id = id;
    var properties = new HashMap<>(settings);
    properties.putIfAbsent("tidelog.replication.port", "0");
    properties.putIfAbsent("tidelog.replication.connect.backoff.max.ms", "100");
    transport =
        new VertxReplicaTransport(
            new ReplicaIdentity(cluster, id),
            ReplicaNetConfig.of(properties),
            others::get,
            new Random(id));
    transport.listen(LOG, this);
    port = transport.start().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  static TestNode start(int id) throws Exception {
    return start(id, CLUSTER, Map.of());
  }

  static TestNode start(int id, UUID cluster, Map<String, String> settings) throws Exception {
    return new TestNode(id, cluster, settings);
  }

  /** Soon, on any machine. */
  static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(5));
  }

  /** Each finds all others where they are. */
  static void introduce(TestNode... nodes) {
    for (var node : nodes) {
      for (var other : nodes) {
        node.findsAt(other.id, other.port);
      }
    }
  }

  void findsAt(int nodeId, int port) {
    others.put(nodeId, new HostPort("127.0.0.1", port));
  }

  void send(int nodeId, ReplicaMessage message) {
    transport.send(LOG, nodeId, message);
  }

  List<ReplicaMessage> heardFrom(int nodeId) {
    return heard.stream().filter(one -> one.from() == nodeId).map(Heard::message).toList();
  }

  @Override
  public void onMessage(int fromNodeId, ReplicaMessage message) {
    heard.add(new Heard(fromNodeId, message));
  }

  @Override
  public void onDisconnected(int nodeId) {
    disconnected.add(nodeId);
  }

  @Override
  public void close() {
    transport.close();
  }
}
