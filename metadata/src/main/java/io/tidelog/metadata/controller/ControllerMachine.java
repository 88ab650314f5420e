package io.tidelog.metadata.controller;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.controller.ControllerDecision.ChangeLog;
import io.tidelog.metadata.controller.ControllerDecision.EndPlacement;
import io.tidelog.metadata.controller.ControllerDecision.EndReassignment;
import io.tidelog.metadata.controller.ControllerDecision.ForgetName;
import io.tidelog.metadata.controller.ControllerDecision.HandOver;
import io.tidelog.metadata.controller.ControllerDecision.MakeLogs;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.placement.HotNode;
import io.tidelog.metadata.placement.LogClass;
import io.tidelog.metadata.placement.LogPlanner;
import io.tidelog.metadata.placement.MovePlanner;
import io.tidelog.metadata.placement.NewLogs;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the controller does next for the picture it sees; memory only. It is asked again when what
 * it wanted is done or refused, and remembers nothing but since when something has been so: what it
 * has begun is to be seen in the records. A log changes one replica at a time; the old one leaves
 * when all replicas that are alive are in sync, and never so that fewer than the minimum remain.
 */
public final class ControllerMachine {

  /** Logs made at once, within the store's limit for a transaction. */
  static final int MAX_NEW_LOGS = 100;

  private final ControllerLimits limits;
  private final LogPlanner planner;
  private final Supplier<LogId> ids;

  private final StuckMoveMachine stuckMoves;
  private final HistoryMachine history;

  /** Since when logs are led by another than their preferred replica, which could lead. */
  private final Map<LogId, Long> astraySinceNs = new HashMap<>();

  /** Since when named nodes are not alive. */
  private final Map<Integer, Long> absentSinceNs = new HashMap<>();

  /**
   * @param ids a new id at each call
   */
  public ControllerMachine(ControllerLimits limits, Supplier<LogId> ids) {
    this.limits = limits;
    this.planner = new LogPlanner(limits.logsPerNode());
    this.stuckMoves = new StuckMoveMachine(limits.moveTimeoutNs());
    this.history = new HistoryMachine(limits.historyNs());
    this.ids = ids;
  }

  /** Forgets since when things are so: another was the controller meanwhile. */
  public void onElected() {
    astraySinceNs.clear();
    absentSinceNs.clear();
    stuckMoves.reset();
    history.reset();
  }

  /** What is to be done now; at most one decision about each log. */
  public List<ControllerDecision> decide(ClusterView view, long nowNs) {
    var decisions = new ArrayList<ControllerDecision>();
    var nodes = HotNode.of(view.registrations());
    var classes = classes(view);
    long moving = view.logs().stream().filter(log -> isMoving(view, log)).count();
    var astray = new HashSet<LogId>();
    for (var entry : classes.entrySet()) {
      var logs = entry.getValue();
      var touched = new HashSet<LogId>();
      for (var log : logs) {
        var decision = settle(view, log, nowNs, astray);
        if (decision != null) {
          touched.add(log.id());
          decisions.add(decision);
        }
      }
      int free = (int) Math.max(0, limits.maxMoves() - moving);
      var moves = moves(view, nodes, logs, touched, free);
      moving += moves.stream().filter(ControllerMachine::addsReplica).count();
      moves.forEach(move -> decisions.add(new ChangeLog(heldBy(move), "moved")));
      boolean still = moves.isEmpty() && touched.isEmpty();
      if (still && logs.stream().noneMatch(log -> isMoving(view, log))) {
        addLogs(view, nodes, entry.getKey(), logs, decisions);
      }
    }
    astraySinceNs.keySet().retainAll(astray);
    forgetNames(view, nowNs, decisions);
    endReassignments(view, decisions);
    endPlacements(view, decisions);
    stuckMoves.decide(view, nowNs).ifPresent(decisions::add);
    history.decide(view.revision(), nowNs).ifPresent(decisions::add);
    return decisions;
  }

  /** The logs of each class, those of topics to come included. */
  private Map<LogClass, List<LogRecord>> classes(ClusterView view) {
    Map<LogClass, List<LogRecord>> classes =
        new TreeMap<>(
            Comparator.comparingInt(LogClass::replicas).thenComparingInt(LogClass::minInSync));
    if (limits.firstReplicas() > 0) {
      var settings = view.topicDefaults().effective(Map.of());
      classes.put(
          LogClass.of(limits.firstReplicas(), settings.minInSyncReplicas()), new ArrayList<>());
    }
    view.logs().stream()
        .sorted(Comparator.comparing(log -> log.id().uuid()))
        .forEach(
            log -> classes.computeIfAbsent(LogClass.of(log), one -> new ArrayList<>()).add(log));
    return classes;
  }

  private static LogRecord heldBy(MovePlanner.Move move) {
    return move.log().heldBy(move.replicas());
  }

  private static boolean addsReplica(MovePlanner.Move move) {
    return !new HashSet<>(move.log().replicas()).equals(new HashSet<>(move.replicas()));
  }

  /** What brings one log nearer to its replicas and its preferred leader, or null. */
  private @Nullable ControllerDecision settle(
      ClusterView view, LogRecord log, long nowNs, Set<LogId> astray) {
    var done = finishMove(view, log);
    if (done != null) {
      return done;
    }
    var drains = view.members().drains();
    int preferred = log.replicas().getFirst();
    if (drains.contains(preferred)) {
      var staying = candidate(view, log, id -> !drains.contains(id));
      if (staying.isPresent()) {
        return new ChangeLog(
            heldBy(MovePlanner.prefer(log, staying.get().nodeId())), "lead leaves a drained node");
      }
    }
    if (drains.contains(log.leader())) {
      return candidate(view, log, id -> !drains.contains(id))
          .map(to -> new HandOver(log, to))
          .orElse(null);
    }
    return giveBack(view, log, nowNs, astray);
  }

  /** The old replicas leave when those that are to hold the log have come. */
  private static @Nullable ControllerDecision finishMove(ClusterView view, LogRecord log) {
    var extra =
        log.inSync().stream()
            .filter(member -> !log.replicas().contains(member.nodeId()))
            .collect(Collectors.toSet());
    int staying = log.inSync().size() - extra.size();
    if (extra.isEmpty() || !liveReplicasInSync(view, log) || staying < log.minInSync()) {
      return null;
    }
    if (view.members().reassignments().containsKey(log.id()) && !replicasInSync(log)) {
      return null; // an operator named a node that is not alive: it is waited for
    }
    if (log.leader() == LogRecord.NO_LEADER || log.replicas().contains(log.leader())) {
      return new ChangeLog(log.shrunkBy(extra), "old replica leaves");
    }
    return candidate(view, log, id -> true).map(to -> new HandOver(log, to)).orElse(null);
  }

  private @Nullable ControllerDecision giveBack(
      ClusterView view, LogRecord log, long nowNs, Set<LogId> astray) {
    int preferred = log.replicas().getFirst();
    var to = candidate(view, log, id -> id == preferred);
    if (!limits.rebalanceLeaders()
        || log.leader() == LogRecord.NO_LEADER
        || log.leader() == preferred
        || to.isEmpty()
        || log.inSync().size() - 1 < log.minInSync()) {
      return null;
    }
    astray.add(log.id());
    long sinceNs = astraySinceNs.computeIfAbsent(log.id(), id -> nowNs);
    return nowNs - sinceNs >= limits.leaderCheckNs() ? new HandOver(log, to.get()) : null;
  }

  /** A replica that is alive and in sync and does not lead, the most preferred one. */
  private static Optional<ReplicaId> candidate(
      ClusterView view, LogRecord log, IntPredicate wanted) {
    return log.replicas().stream()
        .filter(wanted::test)
        .filter(id -> id != log.leader() && view.registration(id) != null)
        .flatMap(id -> log.inSync().stream().filter(member -> member.nodeId() == id))
        .findFirst();
  }

  private static boolean liveReplicasInSync(ClusterView view, LogRecord log) {
    return log.replicas().stream()
        .filter(id -> view.registration(id) != null)
        .allMatch(id -> log.inSync().stream().anyMatch(member -> member.nodeId() == id));
  }

  private static boolean replicasInSync(LogRecord log) {
    return log.inSync().stream().map(ReplicaId::nodeId).toList().containsAll(log.replicas());
  }

  /** Whether a replica is on its way, or on its way out. */
  private static boolean isMoving(ClusterView view, LogRecord log) {
    return !liveReplicasInSync(view, log)
        || log.inSync().stream().anyMatch(member -> !log.replicas().contains(member.nodeId()));
  }

  /** Replicas leave drained nodes; without any, the class spreads over the nodes there are. */
  private static List<MovePlanner.Move> moves(
      ClusterView view, List<HotNode> nodes, List<LogRecord> logs, Set<LogId> touched, int free) {
    var moves = new ArrayList<MovePlanner.Move>();
    var drains = view.members().drains();
    var after = new ArrayList<>(logs);
    boolean draining = false;
    for (var log : logs) {
      var gone = log.replicas().stream().filter(drains::contains).findFirst();
      if (gone.isEmpty()) {
        continue;
      }
      draining = true;
      if (moves.size() < free && !touched.contains(log.id()) && !isMoving(view, log)) {
        var move = MovePlanner.replace(log, gone.get(), nodes, after);
        move.ifPresent(
            wish -> {
              moves.add(wish);
              after.replaceAll(one -> one.id().equals(log.id()) ? heldBy(wish) : one);
            });
      }
    }
    if (!draining && touched.isEmpty() && free > 0) {
      var settled = logs.stream().filter(log -> !isMoving(view, log)).toList();
      if (settled.size() == logs.size()) {
        MovePlanner.spread(nodes, logs, log -> !OperatorPlacements.isPlaced(view, log))
            .ifPresent(moves::add);
      }
    }
    return moves;
  }

  private void addLogs(
      ClusterView view,
      List<HotNode> nodes,
      LogClass logClass,
      List<LogRecord> logs,
      List<ControllerDecision> decisions) {
    int lacking = limits.logsPerNode() * nodes.size() - logs.size();
    if (lacking <= 0) {
      return;
    }
    var added = planner.plan(logClass, nodes, logs, ids, Math.min(lacking, MAX_NEW_LOGS));
    if (!added.isEmpty()) {
      decisions.add(new MakeLogs(NewLogs.of(view, logClass, added)));
    }
  }

  private static void endReassignments(ClusterView view, List<ControllerDecision> decisions) {
    view.members()
        .reassignments()
        .forEach(
            (id, underWay) -> {
              var log = view.log(id);
              if (log == null || (replicasInSync(log) && !isMoving(view, log))) {
                decisions.add(new EndReassignment(id, underWay.modRevision()));
              }
            });
  }

  private static void endPlacements(ClusterView view, List<ControllerDecision> decisions) {
    view.members()
        .placements()
        .forEach(
            (id, placement) -> {
              if (!OperatorPlacements.holds(view, id, placement)) {
                decisions.add(new EndPlacement(id, placement.modRevision()));
              }
            });
  }

  private void forgetNames(ClusterView view, long nowNs, List<ControllerDecision> decisions) {
    var absent = new HashSet<Integer>();
    view.members()
        .names()
        .forEach(
            (name, id) -> {
              if (view.registration(id) != null) {
                return;
              }
              absent.add(id);
              long sinceNs =
                  Objects.requireNonNull(absentSinceNs.computeIfAbsent(id, node -> nowNs));
              if (nowNs - sinceNs >= limits.nameRetentionNs()) {
                decisions.add(new ForgetName(name));
              }
            });
    absentSinceNs.keySet().retainAll(absent);
  }
}
