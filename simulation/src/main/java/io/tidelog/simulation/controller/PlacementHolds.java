package io.tidelog.simulation.controller;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.simulation.log.Violation;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of logs whoever is the controller: at any time, that only who has the seat changes
 * more than its own log, that no change is undone by one that did not see it, and that no log is
 * left with fewer in sync than it takes; in the end, where its replicas are.
 */
final class PlacementHolds {

  private final Map<LogId, LogRecord> logs = new HashMap<>();
  private long elections;
  private long decisions;

  long elections() {
    return elections;
  }

  long decisions() {
    return decisions;
  }

  void onElected() {
    elections++;
  }

  /**
   * A process has changed something, as the controller or not.
   *
   * @param seat of the controller, as it was then
   */
  void onCarriedOut(Txn wanted, UUID incarnation, @Nullable Entry seat) {
    boolean isPlacing = wanted.thenOps().stream().anyMatch(PlacementHolds::isPlacement);
    boolean isAsController =
        wanted.compares().stream()
            .anyMatch(
                compare ->
                    compare instanceof Txn.Compare.CreateRevision create
                        && create.key().equals(Keys.CONTROLLER)
                        && create.revision() > 0);
    if (isPlacing || isAsController) {
      decisions++;
      boolean isController =
          seat != null && StoredValues.controller(seat).incarnation().equals(incarnation);
      if (!isController) {
        throw new Violation("who is not the controller places logs: " + incarnation);
      }
    }
  }

  private static boolean isPlacement(Txn.Op op) {
    return op.key().startsWith(Keys.LOG_CLASSES);
  }

  /** A log has changed. */
  void onLog(LogRecord next) {
    var before = logs.put(next.id(), next);
    if (before == null) {
      return;
    }
    if (next.term() < before.term()
        || (next.term() == before.term() && next.leader() != before.leader())) {
      throw new Violation("a term is undone: " + before + " becomes " + next);
    }
    var mayHaveAll = new HashSet<>(before.inSync());
    mayHaveAll.addAll(before.electable());
    long come = next.inSync().stream().filter(member -> !mayHaveAll.contains(member)).count();
    if (come > 1) {
      throw new Violation("members come back unseen: " + before + " becomes " + next);
    }
    boolean keepsSome = next.inSync().stream().anyMatch(mayHaveAll::contains);
    if (!keepsSome) {
      throw new Violation("nobody is left that has all: " + before + " becomes " + next);
    }
  }

  /**
   * Once all is well and still.
   *
   * @param holding the nodes that are to hold logs
   * @return what is wrong, or nothing
   */
  String faultOf(
      Collection<LogRecord> all,
      List<ControlNode> holding,
      Set<Integer> drained,
      int logsPerNode,
      int replicas) {
    if (all.size() < logsPerNode * holding.size()) {
      return all.size() + " logs for " + holding.size() + " nodes";
    }
    var held = new HashMap<Integer, Integer>();
    var preferred = new HashMap<Integer, Integer>();
    for (var log : all) {
      var fault = faultOf(log, drained, replicas);
      if (!fault.isEmpty()) {
        return fault + ": " + log;
      }
      var holders = holding.stream().filter(node -> log.replicas().contains(node.id())).toList();
      if (racks(holders) < Math.min(replicas, racks(holding))) {
        return "not in as many racks as it could: " + log;
      }
      log.replicas().forEach(id -> held.merge(id, 1, Integer::sum));
      preferred.merge(log.replicas().getFirst(), 1, Integer::sum);
    }
    // Racks go before evenness, and may be of different sizes.
    if (racks(holding) <= 1 && (isUneven(held, holding) || isUneven(preferred, holding))) {
      return "uneven, held " + held + " preferred " + preferred;
    }
    return "";
  }

  private static boolean isUneven(Map<Integer, Integer> counts, List<ControlNode> holding) {
    int least = Integer.MAX_VALUE;
    int most = 0;
    for (var node : holding) {
      int count = counts.getOrDefault(node.id(), 0);
      least = Math.min(least, count);
      most = Math.max(most, count);
    }
    return most - least > 1;
  }

  private static String faultOf(LogRecord log, Set<Integer> drained, int replicas) {
    var inSync = new HashSet<>(log.inSync().stream().map(ReplicaId::nodeId).toList());
    if (log.replicas().size() != replicas || !inSync.equals(new HashSet<>(log.replicas()))) {
      return "not all replicas are in sync";
    }
    if (log.leader() != log.replicas().getFirst()) {
      return "it is not led by its preferred replica";
    }
    boolean isHeldWrongly = log.replicas().stream().anyMatch(drained::contains);
    return isHeldWrongly ? "a drained node holds it" : "";
  }

  private static int racks(List<ControlNode> nodes) {
    var racks = new HashSet<String>();
    for (var node : nodes) {
      var rack = node.rack();
      if (rack != null) {
        racks.add(rack);
      }
    }
    return racks.size();
  }
}
