package io.tidelog.simulation.cluster;

import io.tidelog.core.LogId;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.hot.replica.ReplicaTransport;
import io.tidelog.simulation.replica.SimNetwork;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What one process sends and hears; copies what it is to send, as a socket does. */
final class NodeTransport implements ReplicaTransport {

  private final int nodeId;
  private final SimNetwork network;
  private @Nullable Listener listener;

  NodeTransport(int nodeId, SimNetwork network) {
    this.nodeId = nodeId;
    this.network = network;
  }

  @Override
  public void send(LogId log, int to, ReplicaMessage message) {
    network.send(nodeId, to, message); // a node holds one log: who is meant is certain
  }

  @Override
  public void send(LogId log, int to, ReplicaMessage.Append append, RecordBytes groups) {
    var copy = ByteBuffer.allocate(groups.sizeBytes());
    for (var part : groups.parts()) {
      copy.put(part.bytes().duplicate());
    }
    groups.close();
    network.send(
        nodeId, to, with(append, append.segmentBaseLsn(), append.commitLsn(), copy.flip()));
  }

  static ReplicaMessage.Append with(
      ReplicaMessage.Append append, long segmentBaseLsn, long commitLsn, ByteBuffer groups) {
    return new ReplicaMessage.Append(
        append.term(),
        append.stream(),
        append.lsn(),
        segmentBaseLsn,
        commitLsn,
        append.sentNs(),
        groups);
  }

  @Override
  public void listen(LogId log, Listener told) {
    listener = told;
  }

  @Override
  public void forget(LogId log) {
    listener = null;
  }

  void onMessage(int from, ReplicaMessage message) {
    if (listener != null) {
      listener.onMessage(from, message);
    }
  }

  void onDisconnected(int node) {
    if (listener != null) {
      listener.onDisconnected(node);
    }
  }
}
