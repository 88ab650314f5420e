package io.tidelog.simulation.cluster;

import io.tidelog.core.LogId;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.segment.GroupScan;
import io.tidelog.hot.segment.GroupScanner;
import io.tidelog.simulation.log.Violation;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * What a node holds for committed has the same bytes in the same files on all of them, for ever:
 * the first who says so decides.
 */
final class LogsAreIdentical {

  /** Told of every frame when it is committed, in log order. */
  interface FrameListener {

    /**
     * @param lsn of the frame
     */
    void onCommitted(Frame frame, long lsn, long nowNs);
  }

  private final GroupScanner scanner;
  private final List<FrameListener> listeners;
  private final TreeSet<Long> bases = new TreeSet<>();
  private byte[] bytes = new byte[1 << 16];
  private int endLsn;

  LogsAreIdentical(LogId log, List<FrameListener> listeners) {
    this.scanner = new GroupScanner(log);
    this.listeners = listeners;
  }

  /** Everything below is committed. */
  long endLsn() {
    return endLsn;
  }

  /** A node holds what is in these files from one LSN to another for committed. */
  void check(int nodeId, SegmentFiles files, long fromLsn, long toLsn, long nowNs) {
    var seen = files.read(fromLsn, toLsn);
    int known = (int) Math.max(0, Math.min(endLsn, toLsn) - fromLsn);
    int differs = Arrays.mismatch(bytes, (int) fromLsn, (int) fromLsn + known, seen, 0, known);
    if (differs >= 0) {
      throw new Violation(
          "node " + nodeId + " has other bytes at lsn " + (fromLsn + differs) + " of " + endLsn);
    }
    if (fromLsn > endLsn) {
      throw new Violation(
          "node " + nodeId + " holds for committed what is behind " + endLsn + ": " + fromLsn);
    }
    checkBases(nodeId, files.bases(fromLsn, toLsn), fromLsn);
    if (toLsn > endLsn) {
      append(Arrays.copyOfRange(seen, known, seen.length), nodeId, nowNs);
    }
  }

  private void checkBases(int nodeId, NavigableSet<Long> seen, long fromLsn) {
    for (long base : seen) {
      if (base < endLsn && base > fromLsn && !bases.contains(base)) {
        throw new Violation("node " + nodeId + " begins a segment at " + base + ", alone");
      }
    }
    if (!seen.isEmpty()) {
      for (long base : bases.subSet(fromLsn, false, seen.last(), false)) {
        if (!seen.contains(base)) {
          throw new Violation("node " + nodeId + " begins no segment at " + base);
        }
      }
    }
    bases.addAll(seen);
  }

  private void append(byte[] more, int nodeId, long nowNs) {
    int from = endLsn;
    endLsn += more.length;
    if (endLsn > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(endLsn, 2 * bytes.length));
    }
    System.arraycopy(more, 0, bytes, from, more.length);
    var groups = ByteBuffer.wrap(bytes, from, more.length).slice();
    while (groups.hasRemaining()) {
      long lsn = (long) from + groups.position();
      if (!(scanner.scan(groups, lsn) instanceof GroupScan.Whole group)) {
        throw new Violation("node " + nodeId + " commits what is no write group, lsn " + lsn);
      }
      for (var found : group.frames()) {
        listeners.forEach(told -> told.onCommitted(found.frame(), found.lsn(), nowNs));
      }
      groups.position(group.bytes().limit());
    }
  }
}
