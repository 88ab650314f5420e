package io.tidelog.simulation.cluster;

import io.tidelog.core.PartitionId;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.simulation.log.Expectations;
import io.tidelog.simulation.log.Mutant;
import io.tidelog.simulation.log.SimColdTier;
import io.tidelog.simulation.log.SimPartition;
import io.tidelog.simulation.log.SimReads;
import io.tidelog.simulation.log.Violation;
import io.tidelog.simulation.log.VirtualTime;
import io.tidelog.simulation.replica.SimNetwork;
import io.tidelog.simulation.replica.SimRecordStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One run: load while everything goes wrong; then all is healed, and within a time there must be a
 * leader that takes what is sent, all replicas must be in sync, and every acknowledged record must
 * be read, once and in order.
 */
public final class ClusterSimulation {

  private static final long CHAOS_MS = 8_000;
  private static final long HEAL_MS = 60_000;

  /** What a leader may be behind that hears from nobody, and what clocks may be apart in that. */
  private static final long STALE_NS = ClusterNode.REPLICATION.authorityNs() + 200_000_000;

  private final Random random;
  private final ClusterMutant mutant;
  private final ClusterOptions options;
  private final VirtualTime time;
  private final VirtualTime.Life world = new VirtualTime.Life();
  private final List<ClusterNode> nodes = new ArrayList<>();
  private final List<SimPartition> partitions = new ArrayList<>();
  private final List<ClusterClient> clients = new ArrayList<>();
  private final Map<VirtualTime.Life, ClusterOffload> offloads = new HashMap<>();
  private final List<SimReads> reads = new ArrayList<>();
  private final Expectations expectations = new Expectations();
  private final SimColdTier bucket;
  private final SimNetwork network;
  private final SimRecordStore store;
  private final ClusterChaos chaos;
  private final ClusterOperator operator;
  private final Invariants invariants;
  private long latestWallMs;

  /**
   * @param random everything depends on, besides the options
   */
  ClusterSimulation(Random random, ClusterOptions options, ClusterMutant mutant) {
    this.random = random;
    this.mutant = mutant;
    this.options = options;
    var shape = options.shape();
    this.time = new VirtualTime(random.nextLong());
    this.bucket = new SimColdTier(new Random(random.nextLong()), Mutant.NONE);
    this.network = new SimNetwork(time, world, newRandom(), options.network(), this::deliver);
    List<Integer> ids = new ArrayList<>();
    List<ReplicaId> disks = new ArrayList<>();
    for (int id = 1; id <= shape.nodes(); id++) {
      ids.add(id);
      disks.add(new ReplicaId(id, new UUID(random.nextLong(), id)));
    }
    this.store = store(ids, disks);
    var shared = new ClusterNode.World(time, newRandom(), options, mutant, network, store);
    disks.forEach(disk -> nodes.add(new ClusterNode(disk.nodeId(), shared, disk.diskId())));
    for (int i = 0; i < shape.partitions(); i++) {
      partitions.add(partition(i));
    }
    var parts = new ClusterChaos.Parts(time, world, newRandom(), options, nodes, store, network);
    this.chaos = new ClusterChaos(parts);
    this.operator = new ClusterOperator(parts, chaos, partitions, newRandom());
    this.invariants = new Invariants(store, shape.retentionMs() >= 0, STALE_NS);
    for (int i = 0; i < shape.producers(); i++) {
      var to = partitions.get(i % partitions.size());
      clients.add(new ClusterClient(i + 1, time, newRandom(), expectations, to));
    }
    nodes.forEach(node -> reads.add(reads(node)));
  }

  private Random newRandom() {
    return new Random(random.nextLong());
  }

  private SimRecordStore store(List<Integer> ids, List<ReplicaId> disks) {
    var shape = options.shape();
    var first =
        new LogRecord(
            ClusterNode.LOG,
            ids.subList(0, shape.replicas()),
            shape.minInSync(),
            disks.subList(0, shape.replicas()),
            List.of(),
            LogRecord.NO_LEADER,
            0,
            0);
    var usual = options.store();
    var badness =
        new SimRecordStore.Badness(
            usual.failPercent(), usual.readsStale(), mutant == ClusterMutant.SWAPPED_BLINDLY);
    return new SimRecordStore(
        time, world, newRandom(), badness, first, ids, (id, record) -> node(id).onWatched(record));
  }

  private SimPartition partition(int number) {
    var shape = options.shape();
    long delayMs = number == 0 ? shape.delayMs() : 0;
    return new SimPartition(
        new PartitionId(new UUID(1, number), 0),
        new PartitionConfig(
            shape.retentionMs(), -1, shape.offloads() ? 1 : -2, -2, false, true, delayMs, -1));
  }

  private SimReads reads(ClusterNode node) {
    return new SimReads(
        new SimReads.Parts(time, world, node::life, this::latestWallMs, bucket, expectations, true),
        newRandom(),
        node::leading);
  }

  /**
   * Runs one seed.
   *
   * @return what happened, the same for the same seed
   * @throws Violation naming the seed
   */
  public static Outcome run(long seed, ClusterMutant mutant) {
    var random = new Random(seed);
    var simulation = new ClusterSimulation(random, ClusterOptions.of(random), mutant);
    try {
      return simulation.run();
    } catch (RuntimeException e) {
      var violation =
          new Violation(
              "seed "
                  + seed
                  + " at "
                  + simulation.time.elapsedMs()
                  + " ms: "
                  + e
                  + " with "
                  + simulation.options);
      violation.initCause(e);
      throw violation;
    }
  }

  /**
   * @param trace a hash of every event
   */
  public record Outcome(long acknowledged, long committedBytes, long terms, long trace) {}

  ClusterChaos chaos() {
    return chaos;
  }

  long committedLsn() {
    return invariants.committedLsn();
  }

  /** As the store has it. */
  LogRecord record() {
    return store.now();
  }

  /** Who leads by the record and serves, or null. */
  @Nullable ClusterNode leader() {
    int id = store.now().leader();
    return id != LogRecord.NO_LEADER && node(id).leading() != null ? node(id) : null;
  }

  ClusterNode node(int id) {
    return nodes.get(id - 1);
  }

  private void deliver(int from, int to, ReplicaMessage message) {
    node(to).onMessage(from, changed(message));
  }

  /** As it arrives: perhaps with a bit changed, or as a mutant has it. */
  private ReplicaMessage changed(ReplicaMessage message) {
    if (message instanceof ReplicaMessage.Opened opened
        && mutant == ClusterMutant.CUT_BELOW_COMMIT) {
      return new ReplicaMessage.Opened(
          opened.term(),
          opened.nonce(),
          opened.stream(),
          opened.segmentBaseLsn(),
          opened.segmentBaseLsn());
    }
    if (!(message instanceof ReplicaMessage.Append append)) {
      return message;
    }
    var groups = ByteBuffer.allocate(append.groups().remaining());
    groups.put(append.groups().duplicate()).flip();
    boolean isCorrupt =
        !chaos.isHealed() && random.nextInt(100) < options.faults().corruptPercent();
    if (isCorrupt && groups.hasRemaining()) {
      int at = random.nextInt(groups.limit());
      groups.put(at, (byte) (groups.get(at) ^ (1 << random.nextInt(8))));
    }
    boolean rolls =
        mutant == ClusterMutant.ROLLED_ELSEWHERE
            && append.groups().hasRemaining()
            && random.nextInt(10) == 0;
    boolean applies = mutant == ClusterMutant.APPLIED_BEFORE_COMMIT;
    return NodeTransport.with(
        append,
        rolls ? append.lsn() : append.segmentBaseLsn(),
        applies ? append.lsn() + groups.limit() : append.commitLsn(),
        groups);
  }

  private Outcome run() {
    start();
    chaos.schedule(CHAOS_MS);
    runUntil(() -> false, CHAOS_MS);
    return finish();
  }

  /** Starts the nodes, and all who use them. */
  void start() {
    nodes.forEach(ClusterNode::start);
    everyMs(5, this::produce);
    everyMs(12, this::read);
    everyMs(60, this::offload);
    everyMs(100, operator::work);
    everyMs(150, () -> invariants.compareViews(nodes));
  }

  /** Goes on until it is so, at most for so long; gives whether it is so. */
  boolean runUntil(BooleanSupplier isSo, long mostMs) {
    long endMs = time.elapsedMs() + mostMs;
    while (!isSo.getAsBoolean() && time.elapsedMs() < endMs && time.step()) {
      check();
    }
    return isSo.getAsBoolean();
  }

  /** Heals everything, and demands what must be then. */
  Outcome finish() {
    chaos.heal();
    long deadlineMs = time.elapsedMs() + HEAL_MS;
    while (!isDrained()) {
      stepBefore(deadlineMs);
    }
    nodes.forEach(node -> invariants.compareWhole(node, time.monotonicNs()));
    reads.forEach(SimReads::onHealed);
    for (var partition : partitions) {
      new WholeRead(partition, this::readNow, expectations).check(() -> stepBefore(deadlineMs));
    }
    stopAll(deadlineMs);
    return new Outcome(
        expectations.acknowledged(), invariants.committedLsn(), invariants.terms(), time.trace());
  }

  private void stepBefore(long deadlineMs) {
    if (time.elapsedMs() > deadlineMs || !time.step()) {
      throw new Violation("too late: " + state());
    }
    check();
  }

  /** Asks whoever leads now; gives what it shows, or null when nobody does. */
  private @Nullable PartitionSnapshot readNow(
      SimPartition partition, long offset, LongConsumer next) {
    var node = node(store.now().leader());
    var leading = node.leading();
    var at = leading == null ? null : leading.snapshot(partition.id());
    if (leading != null && at != null && offset >= 0) {
      reads.get(node.id() - 1).read(leading, partition, offset, next);
    }
    return at;
  }

  private void check() {
    for (var node : nodes) {
      invariants.look(node, time.monotonicNs());
    }
    expectations.rethrow();
  }

  private long latestWallMs() {
    for (var node : nodes) {
      latestWallMs = Math.max(latestWallMs, node.clock().wallMs());
    }
    return latestWallMs;
  }

  private long earliestWallMs() {
    return nodes.stream().mapToLong(node -> node.clock().wallMs()).min().orElseThrow();
  }

  private void produce() {
    latestWallMs();
    for (var client : clients) {
      if (chaos.isHealed() || random.nextInt(3) == 0) {
        client.work(this::anyLeader, !chaos.isHealed(), earliestWallMs());
      }
    }
  }

  private @Nullable ClusterNode anyLeader() {
    var leaders = nodes.stream().filter(node -> node.leading() != null).toList();
    return leaders.isEmpty() ? null : leaders.get(random.nextInt(leaders.size()));
  }

  private void read() {
    for (var node : nodes) {
      if (mutant == ClusterMutant.SERVED_WITHOUT_AUTHORITY && node.leading() != null) {
        node.leading().serveUntil(Long.MAX_VALUE);
      }
      if (mutant == ClusterMutant.COMMITTED_BEFORE_REPLICATION && node.leading() != null) {
        node.leading().onReplicas(Long.MAX_VALUE);
      }
      if (node.isRunning() && node.leading() != null) {
        partitions.forEach(partition -> show(node, partition));
      }
    }
  }

  private void show(ClusterNode node, SimPartition partition) {
    var leading = node.leading();
    var at = leading == null ? null : leading.snapshot(partition.id());
    if (leading == null || at == null) {
      return;
    }
    invariants.onShown(node, at, time.monotonicNs());
    boolean isEmpty = at.visibleEndOffset() <= at.logStartOffset();
    if (isEmpty || random.nextInt(3) != 0) {
      return;
    }
    var reader = reads.get(node.id() - 1);
    if (random.nextInt(4) == 0) {
      reader.find(leading, partition, earliestWallMs() - random.nextInt(2_000), 0);
    } else {
      long offset = random.nextLong(at.logStartOffset(), at.visibleEndOffset());
      reader.read(leading, partition, offset, next -> {});
    }
  }

  private void offload() {
    if (!options.shape().offloads()) {
      return;
    }
    for (var node : nodes) {
      var leading = node.leading();
      if (leading != null && node.isRunning()) {
        var offload =
            offloads.computeIfAbsent(
                node.life(), life -> new ClusterOffload(time, life, newRandom(), bucket, mutant));
        offload.offload(leading, chaos.uploadFailPercent(), this::onUploaded);
        offload.collect(leading);
      }
    }
  }

  private void onUploaded() {
    if (mutant == ClusterMutant.TRIMMED_BEFORE_COLD_COMMIT) {
      nodes.stream()
          .filter(node -> node.leading() == null)
          .forEach(node -> new SegmentFiles(node.disk()).deleteOldest());
    }
  }

  private boolean isDrained() {
    var record = store.now();
    if (record.leader() == LogRecord.NO_LEADER) {
      return false;
    }
    var leading = node(record.leader()).leading();
    if (leading == null || leading.term() != record.term()) {
      return false;
    }
    boolean isWhole =
        record.inSync().size() == record.replicas().size()
            && record.inSync().stream().allMatch(m -> record.replicas().contains(m.nodeId()));
    return isWhole
        && nodes.stream().allMatch(ClusterNode::isUp)
        && operator.isDone()
        && clients.stream().allMatch(ClusterClient::isIdle)
        && (!options.shape().offloads() || leading.offloadLagBytes(ClusterNode.LOG) == 0)
        && record.replicas().stream().allMatch(id -> hasAll(node(id)))
        && partitions.stream()
            .allMatch(
                partition -> {
                  var at = leading.snapshot(partition.id());
                  return at != null && at.visibleEndOffset() == at.logEndOffset();
                });
  }

  private boolean hasAll(ClusterNode node) {
    var driver = node.driver();
    return driver != null
        && driver.fault() == null
        && driver.replica().endLsn() == invariants.committedLsn()
        && driver.replica().appliedLsn() == invariants.committedLsn();
  }

  private void stopAll(long deadlineMs) {
    var left = new int[] {nodes.size()};
    world.isOver = true;
    for (var node : nodes) {
      node.stop(() -> left[0]--);
    }
    while (left[0] > 0) {
      if (time.elapsedMs() > deadlineMs || !time.step()) {
        throw new Violation(left[0] + " nodes never stop: " + state());
      }
    }
    long endMs = time.elapsedMs() + 4_000;
    while (time.elapsedMs() < endMs && time.step()) {
      // files are closed in the background
    }
    for (var node : nodes) {
      if (node.disk().openFiles() > ClusterNode.SPARE_SEGMENTS) {
        throw new Violation(
            node.disk().openFiles() + " files are open after node " + node.id() + " has stopped");
      }
    }
  }

  private String state() {
    var state = new StringBuilder(store.now().toString());
    nodes.forEach(node -> state.append("\n  ").append(node.state()));
    for (var client : clients) {
      var waits = client.waitsFor();
      state.append(waits == null ? "" : "\n  " + waits);
    }
    return state.append("\n  committed ").append(invariants.committedLsn()).toString();
  }

  private void everyMs(long periodMs, Runnable task) {
    time.afterMs(
        periodMs,
        world,
        () -> {
          task.run();
          everyMs(periodMs, task);
        });
  }
}
