package io.tidelog.simulation.cluster;

import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.Frame.MoveStep.Step;
import io.tidelog.simulation.log.Violation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is committed as offloaded of a partition grows at its end and has no gap, and no node gives
 * up a record before (H16). What has expired, or lives in another log, may go without.
 */
final class ColdRangeIsContiguous implements LogsAreIdentical.FrameListener {

  private final boolean mayExpire;
  private final TreeMap<Long, Frame.RecordsFrame> records = new TreeMap<>();
  private final TreeMap<Long, Long> covered = new TreeMap<>();

  /** Partitions that have left the log, or came in for nothing: it need not keep their records. */
  private final Set<Integer> elsewhere = new HashSet<>();

  private final Map<Integer, Long> coldEnds = new HashMap<>();
  private final Map<Integer, Long> checkedStarts = new HashMap<>();

  ColdRangeIsContiguous(boolean mayExpire) {
    this.mayExpire = mayExpire;
  }

  @Override
  public void onCommitted(Frame frame, long lsn, long nowNs) {
    if (frame instanceof Frame.RecordsFrame frameOfRecords) {
      records.put(lsn, frameOfRecords);
    } else if (frame instanceof Frame.ImportBegin begin) {
      coldEnds.put(begin.partitionRef(), begin.history().fromOffset());
    } else if (frame instanceof Frame.MoveStep step) {
      boolean leaves = step.step() == Step.RELEASE || step.step() == Step.DROP;
      if (leaves) {
        elsewhere.add(step.partitionRef());
      }
    } else if (frame instanceof Frame.ColdCommit commit) {
      onColdCommit(commit.object().baseLsn(), commit.object().endLsn());
    }
  }

  private void onColdCommit(long baseLsn, long endLsn) {
    if (covered.put(baseLsn, endLsn) != null) {
      throw new Violation("the segment at " + baseLsn + " is committed as offloaded twice");
    }
    for (var frame : records.subMap(baseLsn, endLsn).values()) {
      if (elsewhere.contains(frame.partitionRef())) {
        continue;
      }
      long end = coldEnds.getOrDefault(frame.partitionRef(), 0L);
      if (frame.baseOffset() < end || (frame.baseOffset() > end && !mayExpire)) {
        throw new Violation(
            "partition "
                + frame.partitionRef()
                + " is cold up to "
                + end
                + ", then from "
                + frame.baseOffset());
      }
      coldEnds.put(frame.partitionRef(), frame.baseOffset() + frame.recordCount());
    }
  }

  /** A node has nothing below this LSN. */
  void onTrimmed(int nodeId, long startLsn) {
    long from = checkedStarts.getOrDefault(nodeId, 0L);
    if (mayExpire || startLsn <= from) {
      return;
    }
    for (var record : records.subMap(from, startLsn).entrySet()) {
      if (elsewhere.contains(record.getValue().partitionRef())) {
        continue;
      }
      long lsn = record.getKey();
      var segment = covered.floorEntry(lsn);
      if (segment == null || segment.getValue() <= lsn) {
        throw new Violation(
            "node " + nodeId + " begins at " + startLsn + ", what is at " + lsn + " is not cold");
      }
    }
    checkedStarts.put(nodeId, startLsn);
  }
}
