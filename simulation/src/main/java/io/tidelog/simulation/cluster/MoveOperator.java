package io.tidelog.simulation.cluster;

import io.tidelog.core.LogId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.PartitionMove;
import io.tidelog.simulation.log.SimPartition;
import io.tidelog.simulation.log.VirtualTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Who has partitions move between logs, takes some of the moves back, and does what the controller
 * does: takes back those that nobody would finish, since one of their logs has had no leader for
 * long.
 */
final class MoveOperator {

  private static final long UNLED_MS = 2_000;

  private final ClusterChaos.Parts parts;
  private final ClusterChaos chaos;
  private final List<SimPartition> partitions;
  private final VirtualTime time;
  private final SimMoveStore moves;
  private final Random random;
  private final Map<LogId, Long> unledSinceMs = new HashMap<>();

  MoveOperator(
      ClusterChaos.Parts parts, ClusterChaos chaos, List<SimPartition> partitions, Random random) {
    this.parts = parts;
    this.chaos = chaos;
    this.partitions = partitions;
    this.time = parts.time();
    this.moves = parts.moves();
    this.random = random;
  }

  /** Moves begin at any time while things go wrong. */
  void schedule(long chaosMs) {
    for (int i = 0; i < parts.options().moves().begins(); i++) {
      time.afterMs(random.nextLong(chaosMs), parts.world(), this::begin);
    }
  }

  private void begin() {
    begin(partitions.get(random.nextInt(partitions.size())));
  }

  /** To the log where it is not, unless it moves already. */
  void begin(SimPartition partition) {
    var id = partition.id();
    var home = moves.now().home(id).log();
    var to =
        parts.logs().stream()
            .map(ClusterLog::id)
            .filter(log -> !log.equals(home))
            .findFirst()
            .orElseThrow();
    moves.begin(id, to);
    var move = moves.now().home(id).move();
    if (move != null && random.nextInt(100) < parts.options().moves().cancelPercent()) {
      time.afterMs(random.nextInt(1_000), parts.world(), () -> moves.cancel(move));
    }
  }

  /** The controller looks after what is stuck. */
  void work() {
    long nowMs = time.elapsedMs();
    for (var log : parts.logs()) {
      if (isLed(log)) {
        unledSinceMs.remove(log.id());
      } else {
        unledSinceMs.putIfAbsent(log.id(), nowMs);
      }
    }
    moves.now().moves().stream().filter(move -> isStuck(move, nowMs)).forEach(moves::cancel);
  }

  private boolean isLed(ClusterLog log) {
    int leader = log.store().now().leader();
    return leader != LogRecord.NO_LEADER && parts.nodes().get(leader - 1).isRunning();
  }

  private boolean isStuck(PartitionMove move, long nowMs) {
    return nowMs - unledSinceMs.getOrDefault(move.from(), nowMs) >= UNLED_MS
        || nowMs - unledSinceMs.getOrDefault(move.to(), nowMs) >= UNLED_MS;
  }

  /** Faults that meet moves: one of the two leaders dies at a step. */
  void maybeStrike(SimMoveStore.Change change) {
    if (!parts.options().faults().strikes() || chaos.isHealed() || random.nextInt(3) != 0) {
      return;
    }
    var struck = parts.logs().get(random.nextInt(parts.logs().size())).leader();
    if (struck != null) {
      chaos.strike(struck, random.nextInt(change.isSwap() ? 50 : 300));
    }
  }
}
