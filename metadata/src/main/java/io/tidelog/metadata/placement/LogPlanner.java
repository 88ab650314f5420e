package io.tidelog.metadata.placement;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.LogRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/**
 * Which logs a class still needs so that every hot node leads as many as it should; pure. The
 * followers of one node's logs differ, so that its load spreads when it dies, and lie in other
 * racks where there are any.
 */
public final class LogPlanner {

  private final int logsPerNode;

  public LogPlanner(int logsPerNode) {
    this.logsPerNode = logsPerNode;
  }

  /**
   * The logs to be made, at most {@code limit}; none when there are too few nodes for a log.
   *
   * @param present the logs of this class that there are
   * @param ids a new id at each call
   */
  public List<LogRecord> plan(
      LogClass logClass,
      List<HotNode> nodes,
      Collection<LogRecord> present,
      Supplier<LogId> ids,
      int limit) {
    var added = new ArrayList<LogRecord>();
    if (nodes.size() < logClass.replicas()) {
      return added;
    }
    var counts = new ReplicaCounts(present);
    for (int round = 1; round <= logsPerNode; round++) {
      for (var leader : nodes) {
        if (counts.led(leader.id()) < round && added.size() < limit) {
          var log = place(logClass, leader, nodes, counts, ids.get());
          counts.add(log.replicas());
          added.add(log);
        }
      }
    }
    return added;
  }

  private static LogRecord place(
      LogClass logClass, HotNode leader, List<HotNode> nodes, ReplicaCounts counts, LogId id) {
    var chosen = new ArrayList<HotNode>(List.of(leader));
    while (chosen.size() < logClass.replicas()) {
      chosen.add(
          nodes.stream()
              .filter(node -> !chosen.contains(node))
              .min(preference(chosen, counts))
              .orElseThrow());
    }
    return new LogRecord(
        id,
        chosen.stream().map(HotNode::id).toList(),
        logClass.minInSync(),
        chosen.stream().map(node -> new ReplicaId(node.id(), node.disk())).toList(),
        List.of(),
        LogRecord.NO_LEADER,
        0,
        0);
  }

  /** The best node for one more replica of a log: the first is its preferred leader. */
  static Comparator<HotNode> preference(List<HotNode> chosen, ReplicaCounts counts) {
    var leader = chosen.getFirst();
    return Comparator.<HotNode>comparingLong(
            node -> chosen.stream().filter(node::isInRackOf).count())
        .thenComparingInt(node -> counts.followed(leader.id(), node.id()))
        .thenComparingInt(node -> counts.held(node.id()))
        .thenComparingInt(node -> Integer.compare(node.id(), leader.id()) > 0 ? 0 : 1)
        .thenComparingInt(HotNode::id);
  }
}
