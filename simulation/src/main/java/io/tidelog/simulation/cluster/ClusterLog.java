package io.tidelog.simulation.cluster;

import io.tidelog.core.LogId;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.simulation.replica.SimRecordStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One segment log: its record in the store, the nodes that may hold it, and what must hold of it.
 */
record ClusterLog(
    LogId id,
    SimRecordStore store,
    List<ClusterNode> nodes,
    Invariants invariants,
    MembersHaveAll members) {

  private ClusterNode node(int nodeId) {
    return nodes.stream().filter(node -> node.id() == nodeId).findFirst().orElseThrow();
  }

  /** Who leads by the record and serves, or null. */
  @Nullable ClusterNode leader() {
    int leader = store.now().leader();
    return leader != LogRecord.NO_LEADER && node(leader).leading() != null ? node(leader) : null;
  }

  /** What serves the log in the term of its record, or null. */
  @Nullable LogDriver serving() {
    var leader = leader();
    var leading = leader == null ? null : leader.leading();
    return leading != null && leading.term() == store.now().term() ? leading : null;
  }

  /** Whether every replica is in sync and has all, and everything sealed is in the bucket. */
  boolean isDrained(boolean offloads) {
    var record = store.now();
    var leading = serving();
    if (leading == null) {
      return false;
    }
    boolean isWhole =
        record.inSync().size() == record.replicas().size()
            && record.inSync().stream().allMatch(m -> record.replicas().contains(m.nodeId()));
    return isWhole
        && nodes.stream().allMatch(ClusterNode::isUp)
        && (!offloads || leading.offloadLagBytes(id) == 0)
        && leading.moves().moving().isEmpty()
        && record.replicas().stream().allMatch(replica -> hasAll(node(replica)));
  }

  private boolean hasAll(ClusterNode node) {
    var driver = node.driver();
    return driver != null
        && driver.fault() == null
        && driver.replica().endLsn() == invariants.committedLsn()
        && driver.replica().appliedLsn() == invariants.committedLsn();
  }
}
