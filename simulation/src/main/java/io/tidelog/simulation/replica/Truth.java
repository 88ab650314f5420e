package io.tidelog.simulation.replica;

import io.tidelog.simulation.log.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What must hold whoever leads: what was committed once is committed everywhere and for ever, each
 * term has one leader, and a reader is not kept in the past. Sees everything, unlike any node.
 */
final class Truth {

  private final List<ModelLog.Entry> committed = new ArrayList<>();
  private final List<Long> committedAtNs = new ArrayList<>();
  private final Map<Long, Integer> leaders = new HashMap<>();
  private long acknowledged;

  /** A node holds the entry at this index for committed. */
  void onCommitted(int index, ModelLog.Entry entry, int nodeId, long nowNs) {
    if (index < committed.size()) {
      if (committed.get(index).identity() != entry.identity()) {
        throw new Violation(
            "entry " + index + " is " + committed.get(index) + ", on node " + nodeId + " " + entry);
      }
      return;
    }
    if (index > committed.size()) {
      throw new Violation("node " + nodeId + " commits entry " + index + " of " + committed.size());
    }
    committed.add(entry);
    committedAtNs.add(nowNs);
  }

  void onAcknowledged() {
    acknowledged++;
  }

  long acknowledged() {
    return acknowledged;
  }

  int committed() {
    return committed.size();
  }

  /** Whether the last one of so many that are committed is in its place in the log. */
  boolean isLast(int count, ModelLog log) {
    return count == 0
        || log.entries().get(count - 1).identity() == committed.get(count - 1).identity();
  }

  /** A node begins a term. */
  void onLeading(int nodeId, long term) {
    var before = leaders.putIfAbsent(term, nodeId);
    if (before != null) {
      throw new Violation("term " + term + " is led by " + before + " and begins on " + nodeId);
    }
  }

  /** A node leads in the newest term, and must have everything committed so far. */
  void checkHas(int nodeId, ModelLog log) {
    for (int i = 0; i < committed.size(); i++) {
      boolean has =
          i < log.entries().size()
              && log.entries().get(i).identity() == committed.get(i).identity();
      if (!has) {
        throw new Violation(
            "node " + nodeId + " leads without entry " + i + " of " + committed.size());
      }
    }
  }

  /**
   * A leader shows a reader the log up to this index.
   *
   * @param mustHaveNs what was committed before then must be shown
   */
  void onRead(int nodeId, int end, long mustHaveNs, long nowNs) {
    if (end < committed.size() && committedAtNs.get(end) < mustHaveNs) {
      throw new Violation(
          "node "
              + nodeId
              + " shows "
              + end
              + " entries, entry "
              + end
              + " was committed "
              + (nowNs - committedAtNs.get(end)) / 1_000_000
              + " ms ago");
    }
    if (end > committed.size()) {
      throw new Violation("node " + nodeId + " shows what is not committed");
    }
  }
}
