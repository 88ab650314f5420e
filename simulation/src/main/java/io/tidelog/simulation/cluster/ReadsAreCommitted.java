package io.tidelog.simulation.cluster;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.simulation.log.Violation;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a node shows readers is committed (H13), never goes back from one leader epoch to the next,
 * and is not older than a leader may be that has lost its followers (H14): measured by what its own
 * log has, as it may not know yet that a partition has left.
 */
final class ReadsAreCommitted {

  private final OffsetsAreContiguous committed;
  private final long staleNs;
  private final Map<PartitionId, TreeMap<Integer, Shown>> shown = new HashMap<>();

  /** What was shown last in a leader epoch, by which log. */
  private record Shown(LogId log, PartitionSnapshot at) {}

  /**
   * @param staleNs what was committed before must be shown
   */
  ReadsAreCommitted(OffsetsAreContiguous committed, long staleNs) {
    this.committed = committed;
    this.staleNs = staleNs;
  }

  /** A node shows this now. */
  void onShown(ClusterNode node, PartitionSnapshot at, long nowNs) {
    var who = "node " + node.id() + " shows " + at;
    if (at.highWatermark() > committed.end(at.id())) {
      throw new Violation(who + ", committed is " + committed.end(at.id()));
    }
    long mustShow = committed.endAt(node.log(), at.id(), nowNs - staleNs);
    if (at.highWatermark() < mustShow) {
      throw new Violation(who + ", committed long ago is " + mustShow);
    }
    var epochs = shown.computeIfAbsent(at.id(), id -> new TreeMap<>());
    var before = epochs.floorEntry(at.leaderEpoch());
    if (before != null) {
      var was = before.getValue().at();
      // What was offloaded while a partition was copied stays behind.
      boolean isSameLog = before.getValue().log().equals(node.log());
      boolean isBack =
          was.highWatermark() > at.highWatermark()
              || was.logStartOffset() > at.logStartOffset()
              || (isSameLog && was.tieredEndOffset() > at.tieredEndOffset());
      if (isBack) {
        throw new Violation(who + " after " + was);
      }
    }
    epochs.put(at.leaderEpoch(), new Shown(node.log(), at));
  }
}
