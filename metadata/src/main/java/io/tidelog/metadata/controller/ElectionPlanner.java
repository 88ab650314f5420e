package io.tidelog.metadata.controller;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.ReplicaAdmin.Election;
import io.tidelog.metadata.image.ClusterView;
import java.util.stream.Stream;

/** Who is to lead a log when an operator asks; pure. */
final class ElectionPlanner {

  private ElectionPlanner() {}

  /**
   * The replica to hand the lead to; it has all that is committed.
   *
   * @throws Fault.Refused when there is nobody to be elected, or no need to
   */
  static ReplicaId plan(ClusterView view, LogRecord log, Election election) {
    return switch (election) {
      case PREFERRED -> preferred(view, log);
      case UNCLEAN -> throw whyNotAnyReplica(view, log);
    };
  }

  private static ReplicaId preferred(ClusterView view, LogRecord log) {
    int preferred = log.replicas().getFirst();
    if (hasLeader(view, log) && log.leader() == preferred) {
      throw notNeeded("Node " + preferred + " leads segment log " + name(log) + " already.");
    }
    if (view.registration(preferred) == null) {
      throw unavailable(log, preferred, "is not alive");
    }
    if (view.members().drains().contains(preferred)) {
      throw unavailable(log, preferred, "is being drained");
    }
    return log.inSync().stream()
        .filter(member -> member.nodeId() == preferred)
        .findFirst()
        .orElseThrow(() -> unavailable(log, preferred, "is not in sync"));
  }

  /**
   * A replica with all that is committed takes over by itself as soon as it is alive, and knows
   * better than the picture whether its disk still has it; the others are never elected.
   */
  private static Fault.Refused whyNotAnyReplica(ClusterView view, LogRecord log) {
    if (hasLeader(view, log)) {
      return notNeeded("Node " + log.leader() + " leads segment log " + name(log) + ".");
    }
    var electable =
        Stream.concat(log.inSync().stream(), log.electable().stream())
            .map(ReplicaId::nodeId)
            .distinct()
            .toList();
    return new Fault.Refused(
        Refusal.ELIGIBLE_LEADERS_NOT_AVAILABLE,
        "Only nodes "
            + electable
            + " have all that was acknowledged in segment log "
            + name(log)
            + "; the first of them to be alive takes over by itself. Others are never elected,"
            + " since records would be lost.");
  }

  private static boolean hasLeader(ClusterView view, LogRecord log) {
    return log.leader() != LogRecord.NO_LEADER && view.registration(log.leader()) != null;
  }

  private static String name(LogRecord log) {
    return log.id().uuid().toString();
  }

  private static Fault.Refused notNeeded(String message) {
    return new Fault.Refused(Refusal.ELECTION_NOT_NEEDED, message);
  }

  private static Fault.Refused unavailable(LogRecord log, int node, String why) {
    return new Fault.Refused(
        Refusal.PREFERRED_LEADER_NOT_AVAILABLE,
        "Node " + node + ", the preferred leader of segment log " + name(log) + ", " + why + ".");
  }
}
