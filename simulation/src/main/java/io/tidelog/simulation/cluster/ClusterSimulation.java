package io.tidelog.simulation.cluster;

import io.tidelog.core.PartitionId;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSnapshot;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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
  private final List<ClusterNode> nodes;
  private final List<SimPartition> partitions = new ArrayList<>();
  private final List<ClusterClient> clients = new ArrayList<>();
  private final Map<VirtualTime.Life, ClusterOffload> offloads = new HashMap<>();
  private final Set<VirtualTime.Life> withColdTier = new HashSet<>();
  private final List<SimReads> reads = new ArrayList<>();
  private final Expectations expectations = new Expectations();
  private final SimColdTier bucket;
  private final Random ofColdTier;
  private final SimBucket objects;
  private final SimNetwork network;
  private final ClusterLogs logs;
  private final List<ClusterOperator> operators = new ArrayList<>();
  private final SimMoveStore moves;
  private final ClusterChaos chaos;
  private final MoveOperator moveOperator;
  private final MessageFaults messages;
  private final OffsetsAreContiguous offsets = new OffsetsAreContiguous();
  private final ReadsAreCommitted shown;
  private long latestWallMs;

  private final ClusterClient.Route route =
      new ClusterClient.Route() {
        @Override
        public @Nullable ClusterNode any(SimPartition partition) {
          // Now and then it believes what was so before.
          boolean isAnywhere = !options.moves().areWanted() || random.nextInt(8) == 0;
          var leaders =
              (isAnywhere ? nodes : logs.home(partition).nodes())
                  .stream().filter(node -> node.appendable() != null).toList();
          return leaders.isEmpty() ? null : leaders.get(random.nextInt(leaders.size()));
        }

        @Override
        public boolean isElsewhere(ClusterNode node, SimPartition partition) {
          return !logs.home(partition).id().equals(node.log());
        }
      };

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
    this.shown = new ReadsAreCommitted(offsets, STALE_NS);
    for (int i = 0; i < shape.partitions(); i++) {
      partitions.add(partition(i));
    }
    var ofMoves = new Random(options.moves().seed());
    var ofLogs =
        new ClusterLogs.Parts(
            time, world, random, new Random(ofMoves.nextLong()), options, mutant, network);
    this.logs = new ClusterLogs(ofLogs, partitions, offsets);
    this.nodes = logs.nodes();
    this.moves = logs.moves();
    var parts =
        new ClusterChaos.Parts(
            time, world, newRandom(), options, nodes, logs.all(), moves, network);
    this.chaos = new ClusterChaos(parts);
    this.messages =
        new MessageFaults(
            random,
            options.faults().corruptPercent(),
            mutant,
            chaos::isHealed,
            id -> partitions.get((int) id.topicId().getLeastSignificantBits()).config());
    logs.all().forEach(log -> operators.add(operator(parts, log)));
    for (int i = 0; i < shape.producers(); i++) {
      var to = partitions.get(i % partitions.size());
      clients.add(new ClusterClient(i + 1, time, newRandom(), expectations, to));
    }
    nodes.forEach(node -> reads.add(reads(node)));
    this.ofColdTier = new Random(options.moves().seed() + shape.segmentBytes());
    this.objects =
        new SimBucket(time, bucket, ofColdTier, chaos::uploadFailPercent, this::onUploaded);
    this.moveOperator = new MoveOperator(parts, chaos, partitions, ofMoves);
  }

  private Random newRandom() {
    return new Random(random.nextLong());
  }

  private ClusterOperator operator(ClusterChaos.Parts parts, ClusterLog log) {
    return new ClusterOperator(
        parts, log, chaos, () -> logs.livingIn(log, partitions), newRandom());
  }

  private void onMoveChanged(SimMoveStore.Change change) {
    if (change.isSwap()) {
      operators.forEach(ClusterOperator::openAgain);
    }
    moveOperator.maybeStrike(change);
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
    var simulation = new ClusterSimulation(random, ClusterOptions.of(seed, random), mutant);
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
   * @param moves of partitions that were done
   * @param ownFound uploads that found the object that they had created before
   * @param trace a hash of every event
   */
  public record Outcome(
      long acknowledged, long committedBytes, long terms, long moves, long ownFound, long trace) {}

  ClusterChaos chaos() {
    return chaos;
  }

  long committedLsn() {
    return logs.first().invariants().committedLsn();
  }

  /** As the store has it of the first log. */
  LogRecord record() {
    return logs.first().store().now();
  }

  /** Who leads the first log by the record and serves, or null. */
  @Nullable ClusterNode leader() {
    return logs.first().leader();
  }

  ClusterLogs logs() {
    return logs;
  }

  SimMoveStore moves() {
    return moves;
  }

  /** Has a partition move to the other log. */
  PartitionId beginMove(int partition) {
    var moving = partitions.get(partition);
    moveOperator.begin(moving);
    return moving.id();
  }

  ClusterNode node(int id) {
    return nodes.get(id - 1);
  }

  private void deliver(int from, int to, ReplicaMessage message) {
    node(to).onMessage(from, messages.changed(message));
  }

  private Outcome run() {
    start();
    chaos.schedule(CHAOS_MS);
    moveOperator.schedule(CHAOS_MS);
    runUntil(() -> false, CHAOS_MS);
    return finish();
  }

  /** Starts the nodes, and all who use them. */
  void start() {
    nodes.forEach(ClusterNode::start);
    everyMs(5, this::produce);
    everyMs(12, this::read);
    everyMs(60, this::offload);
    everyMs(100, this::operate);
    everyMs(150, logs::compareViews);
    moves.onChange(this::onMoveChanged);
  }

  private void operate() {
    operators.forEach(ClusterOperator::work);
    moveOperator.work();
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
    logs.compareWhole(time.monotonicNs());
    reads.forEach(SimReads::onHealed);
    for (var partition : partitions) {
      new WholeRead(partition, this::readNow, expectations).check(() -> stepBefore(deadlineMs));
    }
    stopAll(deadlineMs);
    return new Outcome(
        expectations.acknowledged(),
        logs.sum(Invariants::committedLsn),
        logs.sum(Invariants::terms),
        logs.movesDone(),
        objects.ownFound(),
        time.trace());
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
    var node = logs.home(partition).leader();
    var leading = node == null ? null : node.leading();
    var at = leading == null ? null : leading.snapshot(partition.id());
    if (node != null && leading != null && at != null && offset >= 0) {
      reads.get(node.id() - 1).read(leading, partition, offset, next);
    }
    return at;
  }

  private void check() {
    logs.look(time.monotonicNs());
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
        client.work(route, !chaos.isHealed(), earliestWallMs());
      }
    }
  }

  private void read() {
    for (var node : nodes) {
      if (mutant == ClusterMutant.SERVED_WITHOUT_AUTHORITY && node.leading() != null) {
        node.leading().serveUntil(Long.MAX_VALUE);
      }
      if (mutant == ClusterMutant.COMMITTED_BELOW_MINIMUM && node.leading() != null) {
        node.leading().onInSync(true);
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
    shown.onShown(node, at, time.monotonicNs());
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
      if (options.hasColdTier()) {
        if (node.isUp() && withColdTier.add(node.life())) {
          NodeColdTier.start(time, node, objects, new Random(ofColdTier.nextLong()), mutant);
        }
      } else if (leading != null && node.isRunning()) {
        var offload =
            offloads.computeIfAbsent(
                node.life(), life -> new ClusterOffload(time, node, newRandom(), bucket, mutant));
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
    return !chaos.isRestarting()
        && logs.areDrained(options.shape().offloads())
        && operators.stream().allMatch(ClusterOperator::isDone)
        && clients.stream().allMatch(ClusterClient::isIdle)
        && partitions.stream().allMatch(logs::isWholeShown);
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
    var state = new StringBuilder(logs.state());
    nodes.forEach(node -> state.append("\n  ").append(node.state()));
    for (var client : clients) {
      var waits = client.waitsFor();
      state.append(waits == null ? "" : "\n  " + waits);
    }
    return state.toString();
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
