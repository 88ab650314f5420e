package io.tidelog.hot.replica.net;

import io.tidelog.core.LogId;
import io.tidelog.hot.replica.ReplicaTransport.Listener;

/** Who hears what about which log. Any thread changes it; the event loop reads it. */
final class Listeners {

  private final CopiedMap<LogId, Listener> byLog = new CopiedMap<>();

  void put(LogId log, Listener listener) {
    byLog.put(log, listener);
  }

  void remove(LogId log) {
    byLog.remove(log);
  }

  boolean contains(LogId log) {
    return byLog.get(log) != null;
  }

  /** False when nobody hears it any more. */
  boolean onMessage(int fromNodeId, ReplicaFrame frame) {
    var listener = byLog.get(frame.log());
    if (listener == null) {
      return false;
    }
    listener.onMessage(fromNodeId, frame.message());
    return true;
  }

  void onDisconnected(int nodeId) {
    byLog.values().forEach(listener -> listener.onDisconnected(nodeId));
  }
}
