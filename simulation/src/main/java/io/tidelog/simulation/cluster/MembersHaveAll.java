package io.tidelog.simulation.cluster;

import io.tidelog.core.Fault;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.disk.DiskIdentity;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.simulation.log.Violation;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whoever the record lets lead has all that is committed, as durable as the log promises, whether
 * it ever leads or not. A member whose disk is gone has nothing, and cannot lead; what was damaged
 * on purpose is not looked at.
 */
final class MembersHaveAll {

  private final boolean syncs;
  private @Nullable LogRecord seen;
  private long seenLsn;

  MembersHaveAll(boolean syncs) {
    this.syncs = syncs;
  }

  /** The record may be another one, or more may be committed. */
  void look(LogRecord now, long committedLsn, List<ClusterNode> nodes) {
    if (now.equals(seen) && committedLsn == seenLsn) {
      return;
    }
    seen = now;
    seenLsn = committedLsn;
    var members = Stream.concat(now.inSync().stream(), now.electable().stream()).toList();
    for (var node : nodes) {
      var self = self(node);
      if (self != null && members.contains(self)) {
        check(node, now, committedLsn);
      }
    }
  }

  /** What it goes by now, or null when it does not run or its log is not open. */
  private static @Nullable ReplicaId self(ClusterNode node) {
    var driver = node.driver();
    if (driver == null || node.isRotten()) {
      return null;
    }
    if (driver.fault() != null || driver.replica().isClosed()) {
      return null;
    }
    try {
      return new ReplicaId(node.id(), DiskIdentity.read(node.disk()).diskId());
    } catch (IOException | Fault.Broken unreadable) {
      return null; // the disk is full or fails just now
    }
  }

  private void check(ClusterNode node, LogRecord now, long committedLsn) {
    var driver = node.driver();
    if (driver == null) {
      return;
    }
    long hasLsn = syncs ? driver.replica().syncedLsn() : driver.replica().endLsn();
    if (hasLsn < committedLsn) {
      throw new Violation(
          "node "
              + node.id()
              + " may lead with a log up to "
              + hasLsn
              + ", committed is "
              + committedLsn
              + ", "
              + now);
    }
  }
}
