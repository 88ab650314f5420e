package io.tidelog.simulation.cluster;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.simulation.log.SimPartition;
import io.tidelog.simulation.log.VirtualTime;
import io.tidelog.simulation.replica.SimNetwork;
import io.tidelog.simulation.replica.SimRecordStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.function.ToLongFunction;

/** The one segment log of a cluster, or both, with their nodes, and where partitions live. */
final class ClusterLogs {

  private final Parts parts;
  private final List<ClusterLog> logs = new ArrayList<>();
  private final List<ClusterNode> nodes = new ArrayList<>();
  private final Map<LogId, SimRecordStore> stores = new LinkedHashMap<>();
  private final List<Integer> ids = new ArrayList<>();
  private final PartitionsHaveOneHome homes;
  private final SimMoveStore moves;

  /**
   * What they are made of.
   *
   * @param ofMoves everything about moves depends on, and nothing else
   */
  record Parts(
      VirtualTime time,
      VirtualTime.Life world,
      Random random,
      Random ofMoves,
      ClusterOptions options,
      ClusterMutant mutant,
      SimNetwork network) {}

  ClusterLogs(Parts parts, List<SimPartition> partitions, OffsetsAreContiguous offsets) {
    this.parts = parts;
    this.moves = moves(partitions);
    this.homes =
        new PartitionsHaveOneHome(
            offsets, parts.options().moves().areWanted(), id -> moves.now().home(id).log());
    addLogs();
  }

  private Random newRandom() {
    return new Random(parts.random().nextLong());
  }

  /** Each log is held by nodes of its own. */
  private void addLogs() {
    var shape = parts.options().shape();
    ClusterNode.World shared = null;
    for (int i = 0; i < parts.options().moves().logs(); i++) {
      var log = logId(i);
      List<ReplicaId> disks = new ArrayList<>();
      for (int n = 0; n < shape.nodes(); n++) {
        int id = ids.size() + 1;
        ids.add(id);
        disks.add(new ReplicaId(id, new UUID(parts.random().nextLong(), id)));
      }
      var store = store(log, disks.subList(0, shape.replicas()));
      store.countRevisions(before -> moves.nextRevision());
      stores.put(log, store);
      if (shared == null) {
        shared =
            new ClusterNode.World(
                parts.time(),
                newRandom(),
                parts.options(),
                parts.mutant(),
                parts.network(),
                stores,
                moves);
      }
      List<ClusterNode> ofLog = new ArrayList<>();
      for (var disk : disks) {
        ofLog.add(new ClusterNode(disk.nodeId(), log, shared, disk.diskId()));
      }
      nodes.addAll(ofLog);
      boolean mayExpire = shape.retentionMs() >= 0;
      var members = new MembersHaveAll(shape.syncs());
      logs.add(
          new ClusterLog(
              log, store, ofLog, new Invariants(log, store, mayExpire, homes.in(log)), members));
    }
  }

  private static LogId logId(int number) {
    return new LogId(new UUID(21, 22 + number));
  }

  private SimRecordStore store(LogId log, List<ReplicaId> first) {
    var record =
        new LogRecord(
            log,
            first.stream().map(ReplicaId::nodeId).toList(),
            parts.options().shape().minInSync(),
            first,
            List.of(),
            LogRecord.NO_LEADER,
            0,
            0);
    var usual = parts.options().store();
    var badness =
        new SimRecordStore.Badness(
            usual.failPercent(),
            usual.readsStale(),
            parts.mutant() == ClusterMutant.SWAPPED_BLINDLY);
    return new SimRecordStore(
        parts.time(),
        parts.world(),
        newRandom(),
        badness,
        record,
        ids,
        (id, now) -> node(id).onWatched(now));
  }

  /** All partitions begin in the first log. */
  private SimMoveStore moves(List<SimPartition> partitions) {
    var begin = new HashMap<PartitionId, SimMoveStore.Home>();
    for (var partition : partitions) {
      begin.put(partition.id(), new SimMoveStore.Home(logId(0), 0, null));
      if (parts.options().moves().areWanted()) {
        partition.onMayMove();
      }
    }
    var ofStore =
        new SimMoveStore.Parts(
            parts.time(),
            parts.world(),
            parts.ofMoves(),
            parts.options().store(),
            parts.mutant(),
            ids,
            (id, picture) -> node(id).onWatched(picture),
            log -> Objects.requireNonNull(stores.get(log)).now().term());
    return new SimMoveStore(ofStore, begin);
  }

  List<ClusterLog> all() {
    return logs;
  }

  ClusterLog first() {
    return logs.getFirst();
  }

  List<ClusterNode> nodes() {
    return nodes;
  }

  private ClusterNode node(int id) {
    return nodes.get(id - 1);
  }

  SimMoveStore moves() {
    return moves;
  }

  /** How many were done. */
  long movesDone() {
    return homes.moves();
  }

  /** Where the partition lives now, as the store has it. */
  ClusterLog home(SimPartition partition) {
    var id = moves.now().home(partition.id()).log();
    return logs.stream().filter(log -> log.id().equals(id)).findFirst().orElseThrow();
  }

  List<PartitionSpec> livingIn(ClusterLog log, List<SimPartition> partitions) {
    return partitions.stream()
        .filter(partition -> home(partition).id().equals(log.id()))
        .map(partition -> partition.spec(moves.now().home(partition.id()).baseEpoch()))
        .toList();
  }

  /** Something may have changed on any node. */
  void look(long nowNs) {
    for (var log : logs) {
      for (var node : log.nodes()) {
        log.invariants().look(node, nowNs);
      }
      log.members().look(log.store().now(), log.invariants().committedLsn(), log.nodes());
    }
  }

  void compareViews() {
    logs.forEach(log -> log.invariants().compareViews(log.nodes()));
  }

  void compareWhole(long nowNs) {
    for (var log : logs) {
      log.nodes().forEach(node -> log.invariants().compareWhole(node, nowNs));
    }
  }

  long sum(ToLongFunction<Invariants> of) {
    return logs.stream().map(ClusterLog::invariants).mapToLong(of).sum();
  }

  /** Whether every log is, and every move is over. */
  boolean areDrained(boolean offloads) {
    return logs.stream().allMatch(log -> log.isDrained(offloads)) && moves.now().moves().isEmpty();
  }

  /** Whether all of it is shown by the log where it lives, and nothing by the other. */
  boolean isWholeShown(SimPartition partition) {
    var home = home(partition).id();
    for (var log : logs) {
      var leading = log.serving();
      var at = leading == null ? null : leading.snapshot(partition.id());
      boolean isRight =
          log.id().equals(home)
              ? at != null && at.visibleEndOffset() == at.logEndOffset()
              : at == null;
      if (!isRight) {
        return false;
      }
    }
    return true;
  }

  String state() {
    var state = new StringBuilder();
    for (var log : logs) {
      state.append("\n  ").append(log.store().now());
      state.append(" committed ").append(log.invariants().committedLsn());
    }
    return state.append("\n  ").append(moves.now()).toString();
  }
}
