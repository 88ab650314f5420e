package io.tidelog.simulation.cluster;

import io.tidelog.core.LogId;
import io.tidelog.hot.runtime.ReplicaLog;
import io.tidelog.simulation.log.Violation;
import io.tidelog.simulation.replica.SimRecordStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that must hold of one log whoever leads, looked at after every event. Sees everything. */
final class Invariants {

  private final TermsHaveOneLeader terms = new TermsHaveOneLeader();
  private final ColdRangeIsContiguous cold;
  private final LogsAreIdentical logs;
  private final ViewsAreEqual views = new ViewsAreEqual();
  private final SimRecordStore store;
  private final Map<Integer, Watched> watched = new HashMap<>();

  /** A node as it was seen last. */
  private static final class Watched {
    @Nullable ReplicaLog replica;
    long ledTerm;
    long commitLsn;
    long checkedLsn;
    long startLsn;
  }

  Invariants(
      LogId log, SimRecordStore store, boolean mayExpire, LogsAreIdentical.FrameListener homes) {
    this.store = store;
    this.cold = new ColdRangeIsContiguous(mayExpire);
    this.logs = new LogsAreIdentical(log, List.of(homes, terms, cold));
  }

  long committedLsn() {
    return logs.endLsn();
  }

  long terms() {
    return terms.terms();
  }

  /** Something may have changed on the node. */
  void look(ClusterNode node, long nowNs) {
    var driver = node.driver();
    if (driver == null) {
      return;
    }
    var at = watched.computeIfAbsent(node.id(), id -> new Watched());
    var replica = driver.replica();
    if (replica != at.replica) {
      at.replica = replica;
      at.commitLsn = 0;
      at.checkedLsn = 0;
    }
    if (replica.isClosed() || replica.fault() != null) {
      return;
    }
    lookAtCommit(node, at, replica, nowNs);
    var record = store.now();
    boolean leads = record.leader() == node.id() && replica.lastTerm() == record.term();
    if (leads && at.ledTerm != record.term()) {
      at.ledTerm = record.term();
      onElected(node, replica);
    }
    var leading = node.leading();
    if (leading != null) {
      terms.onLeading(leading.term(), node.process());
    }
  }

  private void lookAtCommit(ClusterNode node, Watched at, ReplicaLog replica, long nowNs) {
    long commitLsn = replica.commitLsn();
    if (commitLsn < at.commitLsn) {
      throw new Violation(
          "the commit LSN of node "
              + node.id()
              + " goes back to "
              + commitLsn
              + ": "
              + at.commitLsn);
    }
    if (commitLsn > at.commitLsn) {
      at.commitLsn = commitLsn;
      long startLsn = Math.max(replica.startLsn(), at.checkedLsn);
      if (node.isRotten()) {
        startLsn = Math.max(startLsn, logs.endLsn()); // what was damaged was seen before
      }
      if (commitLsn > startLsn) {
        logs.check(node.id(), new SegmentFiles(node.disk()), startLsn, commitLsn, nowNs);
      }
      at.checkedLsn = commitLsn;
    }
    if (replica.startLsn() != at.startLsn) {
      at.startLsn = replica.startLsn();
      // A copy that is being filled begins where the one it is made from goes on.
      if (replica.endLsn() >= replica.appliedLsn()) {
        cold.onTrimmed(node.id(), at.startLsn);
      }
    }
  }

  /** The one elected last has everything that is committed. */
  private void onElected(ClusterNode node, ReplicaLog replica) {
    if (replica.endLsn() < logs.endLsn()) {
      throw new Violation(
          "node "
              + node.id()
              + " leads a log up to "
              + replica.endLsn()
              + ", committed is "
              + logs.endLsn());
    }
  }

  /** Now and then: costs a pass over the view. */
  void compareViews(List<ClusterNode> nodes) {
    for (var node : nodes) {
      var driver = node.driver();
      if (driver != null && !driver.replica().isClosed()) {
        views.check(node.id(), driver.replica());
      }
    }
  }

  /** At the end: all bytes of the node that are committed, once more. */
  void compareWhole(ClusterNode node, long nowNs) {
    var driver = node.driver();
    if (driver != null && !driver.replica().isClosed()) {
      var replica = driver.replica();
      logs.check(
          node.id(), new SegmentFiles(node.disk()), replica.startLsn(), replica.commitLsn(), nowNs);
    }
  }
}
