package io.tidelog.hot.replica;

import io.tidelog.metadata.api.LogRecord;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Nodes whose connection has ended and that were not heard of since: their process may be gone.
 * Followers do not talk to one another, so one that came back may be heard of by its leader only.
 */
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

  /** Whoever came in sync was heard of by the leader. */
  void onRecord(@Nullable LogRecord known, LogRecord next) {
    if (known != null && !sinceNs.isEmpty()) {
      for (var member : next.inSync()) {
        if (!known.inSync().contains(member)) {
          sinceNs.remove(member.nodeId());
        }
      }
    }
  }

  boolean contains(int nodeId) {
    return sinceNs.containsKey(nodeId);
  }

  /**
   * Whether the node has been lost for so long, and would have been heard of.
   *
   * @param listeningNs since when it has had a reason to say something
   */
  boolean isLost(int nodeId, long listeningNs, long forNs, long nowNs) {
    var since = sinceNs.get(nodeId);
    return since != null && nowNs - Math.max(since, listeningNs) >= forNs;
  }
}
