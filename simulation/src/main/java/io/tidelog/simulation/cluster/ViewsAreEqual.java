package io.tidelog.simulation.cluster;

import io.tidelog.hot.runtime.ReplicaLog;
import io.tidelog.simulation.log.Violation;
import java.util.HashMap;
import java.util.Map;

/** Replicas that have applied as far have the same view, producers included (H15). */
final class ViewsAreEqual {

  private final Map<Long, Long> hashes = new HashMap<>();

  void check(int nodeId, ReplicaLog replica) {
    long lsn = replica.appliedLsn();
    if (lsn > replica.endLsn() || replica.fault() != null) {
      return; // a copy that is being filled, or has half a frame
    }
    long hash = replica.viewHash();
    var before = hashes.putIfAbsent(lsn, hash);
    if (before != null && before != hash) {
      throw new Violation("node " + nodeId + " has another view at lsn " + lsn);
    }
  }
}
