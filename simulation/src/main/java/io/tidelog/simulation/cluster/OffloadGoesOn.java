package io.tidelog.simulation.cluster;

import io.tidelog.metadata.api.LogRecord;
import io.tidelog.simulation.log.Violation;
import java.util.List;

/**
 * Once all is healed, nobody goes on leading a log that cannot read what it is to offload while
 * another member of the in-sync set has it whole: nothing of the log would be offloaded any more.
 */
final class OffloadGoesOn {

  /** Longer than any wait between two leads given away by then. */
  private static final long MOST_NS = 20_000_000_000L;

  private static final long NEVER = Long.MAX_VALUE;

  private long heldUpSinceNs = NEVER;

  void look(LogRecord record, List<ClusterNode> nodes, long nowNs) {
    boolean isHeldUp =
        nodes.stream()
            .anyMatch(
                node ->
                    node.id() == record.leader()
                        && node.isStuck()
                        && isWholeElsewhere(record, nodes));
    if (!isHeldUp) {
      heldUpSinceNs = NEVER;
    } else if (heldUpSinceNs == NEVER) {
      heldUpSinceNs = nowNs;
    } else if (nowNs - heldUpSinceNs > MOST_NS) {
      throw new Violation(
          "node " + record.leader() + " leads and cannot read what it is to offload, " + record);
    }
  }

  private static boolean isWholeElsewhere(LogRecord record, List<ClusterNode> nodes) {
    return nodes.stream()
        .anyMatch(
            node ->
                node.id() != record.leader()
                    && node.isRunning()
                    && !node.isRotten()
                    && record.inSync().stream().anyMatch(member -> member.nodeId() == node.id()));
  }
}
