package io.tidelog.simulation.cluster;

import io.tidelog.core.log.PartitionSpec;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.simulation.log.Violation;
import io.tidelog.simulation.log.VirtualTime;
import io.tidelog.simulation.replica.SimRecordStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who opens the partitions of a log with every new leader, starts what has stopped again, and
 * replaces copies that are damaged; violations are processes that stop without a reason.
 */
final class ClusterOperator {

  private final VirtualTime time;
  private final VirtualTime.Life world;
  private final Random random;
  private final ClusterChaos chaos;
  private final SimRecordStore store;
  private final List<ClusterNode> nodes;
  private final Supplier<List<PartitionSpec>> partitions;
  private final Map<Integer, VirtualTime.Life> restarting = new HashMap<>();
  private final OffloadGoesOn offload = new OffloadGoesOn();
  private @Nullable LogDriver opened;
  private boolean isOpening;
  private long replacedMs;

  /**
   * @param partitions that live in the log now
   */
  ClusterOperator(
      ClusterChaos.Parts parts,
      ClusterLog log,
      ClusterChaos chaos,
      Supplier<List<PartitionSpec>> partitions,
      Random random) {
    this.time = parts.time();
    this.world = parts.world();
    this.store = log.store();
    this.nodes = log.nodes();
    this.chaos = chaos;
    this.partitions = partitions;
    this.random = random;
  }

  /** Looks after everything. */
  void work() {
    nodes.forEach(this::lookAfter);
    nodes.forEach(this::maybeOpen);
    if (chaos.isHealed()) {
      maybeReplace();
      offload.look(store.now(), nodes, time.monotonicNs());
    }
  }

  boolean isDone() {
    return opened != null && nodes.stream().noneMatch(ClusterNode::isRotten);
  }

  /** What lives in the log has changed. */
  void openAgain() {
    opened = null;
  }

  private void maybeOpen(ClusterNode node) {
    var leading = node.leading();
    if (leading == null || leading == opened || isOpening || !node.isRunning()) {
      return;
    }
    isOpening = true;
    time.afterMs(300, world, () -> isOpening = false); // nobody may answer
    var unused =
        leading
            .open(partitions.get())
            .whenComplete(
                (nothing, fault) -> {
                  isOpening = false;
                  if (fault == null) {
                    opened = leading;
                  }
                });
  }

  private void lookAfter(ClusterNode node) {
    var driver = node.driver();
    var why = driver == null ? node.whyDown() : driver.fault();
    if (why == null) {
      return;
    }
    if (!chaos.isExcused(node)) {
      var violation = new Violation(node.state());
      violation.initCause(why);
      throw violation;
    }
    if (node.life() != restarting.put(node.id(), node.life())) {
      var life = node.life();
      long waitMs = random.nextInt(chaos.isHealed() ? 500 : 3_000);
      time.afterMs(waitMs, world, () -> restart(node, life));
    }
  }

  private void restart(ClusterNode node, VirtualTime.Life life) {
    if (node.life() != life) {
      return;
    }
    if (node.isRotten() && node.whyDown() != null) {
      node.wipe(); // its log does not open: the copy is given up
    } else {
      node.kill();
    }
    node.start();
  }

  /** A copy with damaged bytes is given up when the others do without. */
  private void maybeReplace() {
    var now = store.now();
    for (var node : nodes) {
      boolean isMissed =
          now.inSync().stream().filter(member -> member.nodeId() != node.id()).count()
              < Math.min(now.minInSync(), now.replicas().size() - 1);
      boolean isItsOwn = node.isStuck(); // the lead it is to give away by itself
      if (node.isRotten() && node.isUp() && !isItsOwn && time.elapsedMs() > replacedMs + 3_000) {
        var driver = node.driver();
        if (now.leader() == node.id() && driver != null && random.nextInt(4) != 0) {
          driver.handOver(0);
        } else if (!isMissed || random.nextInt(100) == 0) {
          replacedMs = time.elapsedMs();
          node.wipe();
          node.start();
        }
      }
    }
  }
}
