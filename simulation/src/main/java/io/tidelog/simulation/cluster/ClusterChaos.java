package io.tidelog.simulation.cluster;

import io.tidelog.metadata.api.LogRecord;
import io.tidelog.simulation.log.VirtualTime;
import io.tidelog.simulation.replica.SimNetwork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Everything that goes wrong, by a seed, until it is healed; and the count of copies that may be
 * lost for good: what every member of the smallest in-sync set has survives as long as one of them
 * does.
 */
final class ClusterChaos {

  private static final long NS_PER_MS = 1_000_000;
  private static final long LEASE_MS = 3_000;

  private final Parts parts;
  private final VirtualTime time;
  private final Random random;
  private final ClusterOptions options;
  private final List<ClusterNode> nodes;
  private final SimNetwork network;
  private final Map<Integer, Long> leasedUntilMs = new HashMap<>();
  private final Set<Integer> excused = new HashSet<>();
  private final Map<ClusterNode, VirtualTime.Life> leaving = new HashMap<>();
  private int lossesLeft;
  private boolean isBucketOut;
  private boolean isHealed;

  record Parts(
      VirtualTime time,
      VirtualTime.Life world,
      Random random,
      ClusterOptions options,
      List<ClusterNode> nodes,
      List<ClusterLog> logs,
      SimMoveStore moves,
      SimNetwork network) {}

  ClusterChaos(Parts parts) {
    this.parts = parts;
    this.time = parts.time();
    this.random = parts.random();
    this.options = parts.options();
    this.nodes = parts.nodes();
    this.network = parts.network();
    this.lossesLeft = options.shape().minInSync() - 1;
  }

  void schedule(long chaosMs) {
    var faults = options.faults();
    repeat(chaosMs, faults.kills(), () -> bringDown(any(), ClusterNode::kill));
    repeat(chaosMs, faults.powerCuts(), () -> losePower(any()));
    repeat(chaosMs, faults.blackouts(), this::loseAllPower);
    repeat(chaosMs, faults.wipes(), () -> wipe(any()));
    repeat(chaosMs, faults.rots(), () -> maybeRot(any()));
    repeat(chaosMs, faults.pauses(), () -> any().pause(random.nextInt(5_000) * NS_PER_MS));
    repeat(chaosMs, faults.cuts(), this::cut);
    repeat(chaosMs, faults.clogs(), this::clog);
    repeat(chaosMs, faults.isolations(), () -> isolate(any()));
    repeat(chaosMs, faults.fullDisks(), () -> fill(any()));
    repeat(chaosMs, faults.failedSyncs(), () -> failSyncs(any(), 1 + random.nextInt(3)));
    repeat(
        chaosMs, faults.clockSteps(), () -> any().clock().stepWall(random.nextLong(-3_000, 6_000)));
    repeat(chaosMs, faults.leaseFaults(), () -> leasedUntilMs.put(any().id(), 0L));
    repeat(chaosMs, faults.storeOutages(), this::loseStore);
    repeat(chaosMs, faults.storeCuts(), () -> cutFromStore(any(), random.nextInt(5_000)));
    repeat(chaosMs, faults.moves(), this::move);
    repeat(chaosMs, faults.handOvers(), this::handOver);
    repeat(chaosMs, faults.stops(), () -> stop(any()));
    repeat(chaosMs, faults.bucketOutages(), this::loseBucket);
    if (faults.strikes()) {
      parts.logs().forEach(log -> log.store().onChange(this::maybeStrike));
    }
    keepLeases();
  }

  private void repeat(long chaosMs, int times, Runnable fault) {
    for (int i = 0; i < times; i++) {
      after(random.nextLong(chaosMs), fault);
    }
  }

  private void after(long delayMs, Runnable task) {
    time.afterMs(
        delayMs,
        parts.world(),
        () -> {
          if (!isHealed) {
            task.run();
          }
        });
  }

  private ClusterNode any() {
    return nodes.get(random.nextInt(nodes.size()));
  }

  private ClusterNode node(int id) {
    return nodes.get(id - 1);
  }

  private interface End {
    void of(ClusterNode node);
  }

  private void bringDown(ClusterNode node, End end) {
    if (!node.isUp()) {
      return;
    }
    end.of(node);
    if (random.nextBoolean()) {
      tellOthers(node);
    }
    long downMs = random.nextInt(3) == 0 ? random.nextInt(50) : random.nextInt(4_000);
    time.afterMs(downMs, parts.world(), node::start);
  }

  /** The kernel of a killed process resets its connections; a dead machine says nothing. */
  private void tellOthers(ClusterNode node) {
    for (var other : nodes) {
      if (other != node) {
        after(random.nextInt(3), () -> other.onDisconnected(node.id()));
      }
    }
  }

  /** With syncs nothing is lost by it; without, it costs one of the copies that may be lost. */
  private void losePower(ClusterNode node) {
    if (options.shape().syncs() || mayLoseAnother()) {
      bringDown(node, ClusterNode::losePower);
    }
  }

  /** All at once, as when a building loses its power. */
  private void loseAllPower() {
    if (options.shape().syncs()) {
      nodes.forEach(node -> bringDown(node, ClusterNode::losePower));
    }
  }

  private void wipe(ClusterNode node) {
    if (mayLoseAnother()) {
      bringDown(node, ClusterNode::wipe);
    }
  }

  private void maybeRot(ClusterNode node) {
    if (node.isUp() && mayLoseAnother() && !rot(node)) {
      lossesLeft++;
    }
  }

  /** Damages what is committed there; false when nothing is. */
  boolean rot(ClusterNode node) {
    boolean isRotten = node.rot();
    if (isRotten) {
      excused.add(node.id());
    }
    return isRotten;
  }

  void rotOffset(ClusterNode node) {
    node.rotOffset();
    excused.add(node.id());
  }

  private boolean mayLoseAnother() {
    return lossesLeft > 0 && lossesLeft-- > 0;
  }

  private void cut() {
    int from = any().id();
    int to = any().id();
    boolean isOneWay = random.nextBoolean();
    boolean isWhole = random.nextInt(3) == 0;
    List<int[]> links = new ArrayList<>();
    for (var other : nodes) {
      if (other.id() != from && (isWhole || other.id() == to)) {
        links.add(new int[] {from, other.id()});
        if (!isOneWay) {
          links.add(new int[] {other.id(), from});
        }
      }
    }
    links.forEach(link -> network.cut(link[0], link[1]));
    after(random.nextInt(5_000), () -> links.forEach(link -> network.mend(link[0], link[1])));
  }

  /** A node that hears of nobody, and soon of no record, while clients still reach it. */
  private void isolate(ClusterNode node) {
    int forMs = 2_000 + random.nextInt(5_000);
    isolate(node, forMs);
    int storeAfterMs = random.nextBoolean() ? 0 : random.nextInt(2_000);
    after(storeAfterMs, () -> cutFromStore(node, forMs - storeAfterMs));
  }

  /** No other node hears it, nor it them. */
  void isolate(ClusterNode node, long forMs) {
    for (var other : nodes) {
      if (other != node) {
        network.cut(node.id(), other.id());
        network.cut(other.id(), node.id());
        after(
            forMs,
            () -> {
              network.mend(node.id(), other.id());
              network.mend(other.id(), node.id());
            });
      }
    }
  }

  private void clog() {
    int from = any().id();
    int to = any().id();
    network.clog(from, to, random.nextInt(3_000) * NS_PER_MS);
  }

  private void fill(ClusterNode node) {
    excused.add(node.id());
    node.disk().limitTo(options.shape().segmentBytes() * (1L + random.nextInt(4)));
    after(500 + random.nextInt(3_000), () -> node.disk().limitTo(Long.MAX_VALUE));
  }

  void failSyncs(ClusterNode node, int times) {
    excused.add(node.id());
    node.disk().failSyncs(times);
  }

  /** Its process may fail for what was done to its disk. */
  boolean isExcused(ClusterNode node) {
    return excused.contains(node.id());
  }

  private void loseStore() {
    goOut(true);
    // A new leader of the store takes a second; a majority that is away takes longer.
    long outMs = random.nextBoolean() ? random.nextInt(1_500) : random.nextInt(5_000);
    after(outMs, () -> goOut(false));
  }

  private void goOut(boolean isOut) {
    parts.logs().forEach(log -> log.store().goOut(isOut));
    parts.moves().goOut(isOut);
  }

  private void cutFromStore(ClusterNode node, long forMs) {
    node.cutFromStore(true);
    var life = node.life();
    after(
        forMs,
        () -> {
          if (node.life() == life) {
            node.cutFromStore(false);
          }
        });
  }

  /** The controller puts a replica on another node, or adds one. */
  private void move() {
    var logs = parts.logs();
    var log = logs.size() == 1 ? logs.getFirst() : logs.get(random.nextInt(logs.size()));
    var now = log.store().now();
    var target = log.nodes().get(random.nextInt(log.nodes().size()));
    boolean isSettled = now.inSync().size() >= now.replicas().size() && now.electable().isEmpty();
    if (isSettled && !now.replicas().contains(target.id())) {
      var replicas = new ArrayList<>(now.replicas());
      if (random.nextBoolean()) {
        replicas.add(target.id());
      } else {
        replicas.set(random.nextInt(replicas.size()), target.id());
      }
      log.store().change(record -> record.heldBy(replicas));
    }
  }

  private void handOver() {
    for (var node : nodes) {
      var driver = node.driver();
      if (driver != null) {
        driver.handOver(0);
      }
    }
  }

  /** A rolling restart: leads are given back first, and leaders told. */
  private void stop(ClusterNode node) {
    var driver = node.driver();
    if (driver == null) {
      return;
    }
    driver.handOver(0);
    driver.leave();
    var life = node.life();
    leaving.put(node, life);
    // Also when all is well again by then: whoever says that it leaves does.
    time.afterMs(
        random.nextInt(400),
        parts.world(),
        () -> {
          if (node.life() == life && node.isUp()) {
            node.stop(
                () -> {
                  node.kill();
                  tellOthers(node);
                  time.afterMs(random.nextInt(1_000), parts.world(), node::start);
                });
          }
        });
  }

  /** Whether a node has said that it leaves, and is not back. */
  boolean isRestarting() {
    return leaving.entrySet().stream().anyMatch(said -> said.getKey().life() == said.getValue());
  }

  private void loseBucket() {
    loseBucket(random.nextInt(6_000));
  }

  /** No upload succeeds. */
  void loseBucket(long forMs) {
    isBucketOut = true;
    after(forMs, () -> isBucketOut = false);
  }

  /** What of the uploads fails now. */
  int uploadFailPercent() {
    if (isHealed) {
      return 0;
    }
    return isBucketOut ? 100 : options.faults().uploadFailPercent();
  }

  /** Faults that meet roles: whoever has just joined hears nothing more, and then must lead. */
  private void maybeStrike(LogRecord before, LogRecord after) {
    if (isHealed || random.nextInt(3) != 0) {
      return;
    }
    if (after.term() != before.term()) {
      after(random.nextInt(300), () -> bringDown(node(after.leader()), ClusterNode::kill));
    } else if (after.inSync().size() == 1 && before.inSync().size() > 1) {
      // Nobody but the leader is in sync: it is cut off, and those that were come back.
      isolate(node(after.leader()));
      node(after.leader()).cutFromStore(true);
    } else if (after.inSync().size() > before.inSync().size()) {
      int leader = after.leader();
      int joined = after.inSync().getLast().nodeId();
      network.cut(leader, joined);
      after(random.nextInt(3_000), () -> network.mend(leader, joined));
      after(random.nextInt(700), () -> bringDown(node(leader), ClusterNode::kill));
    }
  }

  void strike(ClusterNode node, long afterMs) {
    after(afterMs, () -> bringDown(node, ClusterNode::kill));
  }

  /** Leases of the nodes, as each node hears of them: late, or not at all. */
  private void keepLeases() {
    long nowMs = time.elapsedMs();
    Set<Integer> live = new HashSet<>();
    for (var node : nodes) {
      if (node.isRunning()) {
        leasedUntilMs.merge(node.id(), nowMs + LEASE_MS, Math::max);
      }
      if (leasedUntilMs.getOrDefault(node.id(), 0L) > nowMs) {
        live.add(node.id());
      }
    }
    for (var node : nodes) {
      if (isHealed || random.nextInt(5) != 0) {
        node.onLive(live);
      }
    }
    time.afterMs(200, parts.world(), this::keepLeases);
  }

  /** Everything is well again, and whoever is down is started. */
  void heal() {
    isHealed = true;
    isBucketOut = false;
    network.heal();
    parts.logs().forEach(log -> log.store().heal());
    parts.moves().heal();
    for (var node : nodes) {
      node.disk().limitTo(Long.MAX_VALUE);
      node.disk().failSyncs(0);
      node.clock().heal();
      node.resume();
      node.cutFromStore(false);
      node.start();
    }
  }

  boolean isHealed() {
    return isHealed;
  }
}
