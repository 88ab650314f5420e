package io.tidelog.simulation.replica;

import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.simulation.log.Violation;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whoever the record lets lead has all that is committed, as durable as the log promises, whether
 * it ever leads or not. A member whose disk is gone has nothing, and cannot lead.
 */
final class MembersHaveAll {

  private final boolean syncs;
  private final Truth truth;
  private @Nullable LogRecord seen;
  private int seenEntries;

  MembersHaveAll(boolean syncs, Truth truth) {
    this.syncs = syncs;
    this.truth = truth;
  }

  /** The record may be another one, or more may be committed. */
  void look(LogRecord now, List<SimReplica> nodes) {
    if (now.equals(seen) && truth.committed() == seenEntries) {
      return;
    }
    seen = now;
    seenEntries = truth.committed();
    var members = Stream.concat(now.inSync().stream(), now.electable().stream()).toList();
    for (var node : nodes) {
      if (members.contains(new ReplicaId(node.id(), node.disk()))) {
        check(node, now);
      }
    }
  }

  private void check(SimReplica node, LogRecord now) {
    var log = node.modelLog();
    int has = syncs ? log.synced() : log.entries().size();
    if (has < seenEntries || !truth.isLast(seenEntries, log)) {
      throw new Violation(
          "node "
              + node.id()
              + " may lead with "
              + has
              + " of "
              + seenEntries
              + " entries, "
              + now);
    }
  }
}
