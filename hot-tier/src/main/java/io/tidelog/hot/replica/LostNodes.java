package io.tidelog.hot.replica;

import java.util.HashMap;
import java.util.Map;

/** Nodes whose connection has ended and that were not heard of since: their process may be gone. */
final class LostNodes {

  private final Map<Integer, Long> sinceNs = new HashMap<>();

  void onDisconnected(int nodeId, long nowNs) {
    sinceNs.putIfAbsent(nodeId, nowNs);
  }

  void onHeard(int nodeId) {
    if (!sinceNs.isEmpty()) {
      sinceNs.remove(nodeId);
    }
  }

  boolean contains(int nodeId) {
    return sinceNs.containsKey(nodeId);
  }

  /** Whether the node has been lost for so long. */
  boolean isLost(int nodeId, long forNs, long nowNs) {
    var since = sinceNs.get(nodeId);
    return since != null && nowNs - since >= forNs;
  }
}
