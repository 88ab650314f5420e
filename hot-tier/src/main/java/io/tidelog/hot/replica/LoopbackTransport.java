package io.tidelog.hot.replica;

import io.tidelog.core.LogId;
import io.tidelog.core.log.RecordBytes;
import java.util.concurrent.ConcurrentHashMap;

/** For a node by itself: what its logs tell one another. Nobody else is reached. */
public final class LoopbackTransport implements ReplicaTransport {

  private final int nodeId;
  private final ConcurrentHashMap<LogId, Listener> listeners = new ConcurrentHashMap<>();

  public LoopbackTransport(int nodeId) {
    this.nodeId = nodeId;
  }

  @Override
  public void send(LogId log, int to, ReplicaMessage message) {
    var listener = to == nodeId ? listeners.get(log) : null;
    if (listener != null) {
      listener.onMessage(nodeId, message);
    }
  }

  @Override
  public void send(LogId log, int to, ReplicaMessage.Append append, RecordBytes groups) {
    groups.close(); // a log has no follower on the node that leads it
  }

  @Override
  public void listen(LogId log, Listener listener) {
    listeners.put(log, listener);
  }

  @Override
  public void forget(LogId log) {
    listeners.remove(log);
  }
}
