package io.tidelog.simulation.log;

import io.tidelog.core.Fault;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.RecordBytes;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.simulation.disk.SimDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One run: chaos — load, crashes, a full disk, failing syncs — then everything is healed, what was
 * sent must be acknowledged and readable, and the view must be rebuilt from the log as it was held.
 */
public final class LogSimulation {

  private static final long CHAOS_MS = 4_000;
  private static final long HEAL_MS = 120_000;
  private static final int READ_BYTES = 30_000;
  private static final long RETRY_MS = 5;

  private final long seed;
  private final Random random;
  private final VirtualTime time;
  private final SimDisk disk;
  private final SimOptions options;
  private final SimNode node;
  private final SimColdTier cold;
  private final Expectations expectations = new Expectations();
  private final List<PartitionId> partitions = new ArrayList<>();
  private final List<SimProducer> producers = new ArrayList<>();
  private final VirtualTime.Life world = new VirtualTime.Life();
  private final PartitionConfig config;
  private @Nullable LogDriver driver;
  private boolean isHealed;

  private LogSimulation(long seed, Mutant mutant) {
    this.seed = seed;
    this.random = new Random(seed);
    this.options = SimOptions.of(random);
    this.time = new VirtualTime(random.nextLong());
    this.disk = new SimDisk(random.nextLong());
    this.node = new SimNode(time, disk, options, mutant);
    this.cold = new SimColdTier(new Random(random.nextLong()));
    this.config =
        new PartitionConfig(
            -1, -1, options.offloads() ? 1 : -2, -2, false, true, options.delayMs(), -1);
    for (int i = 0; i < options.partitions(); i++) {
      partitions.add(new PartitionId(new UUID(1, 2), i));
    }
    for (int i = 0; i < options.producers(); i++) {
      var partition = partitions.get(random.nextInt(partitions.size()));
      producers.add(new SimProducer(i + 1, partition, random, expectations));
    }
  }

  /**
   * Runs one seed.
   *
   * @return what happened, the same for the same seed
   * @throws Violation naming the seed
   */
  public static Outcome run(long seed, Mutant mutant) {
    var simulation = new LogSimulation(seed, mutant);
    try {
      return simulation.run();
    } catch (RuntimeException e) {
      var violation = new Violation("seed " + seed + ": " + e + " with " + simulation.options);
      violation.initCause(e);
      throw violation;
    }
  }

  /**
   * @param trace a hash of every event
   */
  public record Outcome(long acknowledged, long trace) {}

  private Outcome run() {
    start();
    scheduleChaos();
    everyMs(3, this::work);
    everyMs(40, this::readSomething);
    everyMs(120, this::offload);
    runUntil(CHAOS_MS);
    heal();
    long deadline = time.wallMs() + HEAL_MS;
    while (!isDrained()) {
      if (time.wallMs() > deadline || !time.step()) {
        throw new Violation("not drained: " + waiting());
      }
    }
    checkEverything();
    stopAndCompareViews();
    return new Outcome(expectations.acknowledged(), time.trace());
  }

  private void start() {
    try {
      driver = node.start();
    } catch (Fault.Broken | UncheckedIOException e) {
      if (isHealed || !(options.fillsDisk() || options.failsSync())) {
        throw new Violation("the log does not recover: " + e);
      }
      driver = null; // the disk fails while it recovers; the next start tries again
      time.afterMs(200, world, this::restart);
      return;
    }
    var running = driver;
    var specs = partitions.stream().map(id -> new PartitionSpec(id, 0, config)).toList();
    var unused =
        running
            .open(specs)
            .whenComplete((done, fault) -> producers.forEach(SimProducer::onConnectionLost));
  }

  private void restart() {
    node.die();
    disk.kill();
    start();
  }

  private void scheduleChaos() {
    for (int i = 0; i < options.crashes(); i++) {
      time.afterMs(random.nextLong(CHAOS_MS), world, this::crash);
    }
    if (options.fillsDisk()) {
      long from = random.nextLong(CHAOS_MS);
      time.afterMs(from, world, () -> disk.limitTo(options.segmentBytes() * 3L));
      time.afterMs(from + 500, world, () -> disk.limitTo(Long.MAX_VALUE));
    }
    if (options.failsSync()) {
      time.afterMs(random.nextLong(CHAOS_MS), world, () -> disk.failSyncs(1 + random.nextInt(3)));
    }
  }

  private void crash() {
    node.die();
    if (options.losesPower() && random.nextBoolean()) {
      disk.losePower();
    } else {
      disk.kill();
    }
    producers.forEach(SimProducer::onConnectionLost);
    start();
  }

  private void heal() {
    isHealed = true;
    disk.limitTo(Long.MAX_VALUE);
    disk.failSyncs(0);
    crash();
  }

  private void work() {
    var running = driver;
    if (running == null) {
      return;
    }
    for (var producer : producers) {
      if (isHealed || random.nextInt(3) == 0) {
        producer.produce(running, !isHealed, time.wallMs(), options.delayMs());
      }
    }
    if (running.stats().isBroken() && random.nextInt(20) == 0) {
      crash(); // an operator restarts a log that says it is broken
    }
  }

  private void offload() {
    var running = driver;
    if (running != null && options.offloads()) {
      cold.offload(running, SimNode.LOG);
    }
  }

  private void readSomething() {
    var running = driver;
    var partition = partitions.get(random.nextInt(partitions.size()));
    var snapshot = running == null ? null : running.snapshot(partition);
    if (running == null || snapshot == null || snapshot.visibleEndOffset() == 0) {
      return;
    }
    long offset = random.nextLong(snapshot.visibleEndOffset());
    read(running, partition, offset, next -> {});
  }

  private interface Next {
    void from(long offset);
  }

  private void read(LogDriver from, PartitionId partition, long offset, Next next) {
    from.read(
        new ReadRequest(partition, offset, READ_BYTES, true, ReadRequest.UpTo.VISIBLE_END),
        result -> {
          switch (result) {
            case ReadResult.Records records -> {
              try (var bytes = records.bytes()) {
                next.from(expectations.onSeen(partition, copy(bytes), offset, time.wallMs()));
              }
            }
            case ReadResult.Cold found ->
                next.from(
                    expectations.onSeen(
                        partition,
                        cold.read(
                            found.references().getFirst(), offset, found.at().visibleEndOffset()),
                        offset,
                        time.wallMs()));
            case ReadResult.OutOfRange out ->
                throw new Violation(partition + " offset " + offset + " out of range: " + out.at());
            case ReadResult.UnknownPartition _ ->
                throw new Violation(partition + " is unknown to the log");
            case ReadResult.Failed failed -> onFailedRead(failed, partition, offset, next);
          }
        });
  }

  /** A retriable failure is asked again, as by whoever serves a client. */
  private void onFailedRead(
      ReadResult.Failed failed, PartitionId partition, long offset, Next next) {
    if (isHealed && !(failed.fault() instanceof Fault.Retriable)) {
      throw new Violation("read of " + partition + " failed: " + failed.fault());
    }
    time.afterMs(
        RETRY_MS,
        world,
        () -> {
          var now = driver;
          if (isHealed && now != null) {
            read(now, partition, offset, next);
          }
        });
  }

  private static ByteBuffer copy(RecordBytes bytes) {
    var copy = ByteBuffer.allocate(bytes.sizeBytes());
    for (var part : bytes.parts()) {
      switch (part) {
        case RecordBytes.MemoryPart memory -> copy.put(memory.buffer().duplicate());
        case RecordBytes.FilePart file -> {
          var target = copy.slice(copy.position(), file.sizeBytes());
          try {
            int read = file.channel().read(target, file.position());
            copy.position(copy.position() + read);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      }
    }
    return copy.flip();
  }

  private boolean isDrained() {
    var running = driver;
    return running != null
        && producers.stream().allMatch(SimProducer::isIdle)
        && partitions.stream()
            .allMatch(
                id -> {
                  var at = running.snapshot(id);
                  return at != null && at.visibleEndOffset() == at.logEndOffset();
                });
  }

  private String waiting() {
    var waiting = new ArrayList<String>();
    for (var producer : producers) {
      var what = producer.waitsFor();
      if (what != null) {
        waiting.add(what);
      }
    }
    var running = driver;
    return waiting + (running == null ? " no node" : " " + running.stats());
  }

  private void checkEverything() {
    var running = driver;
    if (running == null) {
      throw new IllegalStateException("drained without a node");
    }
    for (var partition : partitions) {
      var snapshot = running.snapshot(partition);
      if (snapshot == null) {
        throw new Violation(partition + " is gone");
      }
      var found = new TreeMap<Long, Long>();
      long reached = 0;
      while (reached < snapshot.visibleEndOffset()) {
        long next = readWhole(partition, reached);
        found.putAll(expectations.known(partition, reached, next));
        reached = next;
      }
      expectations.checkWhole(partition, found);
    }
  }

  /** Reads until answered: a read dies with its node, and its successor is asked again. */
  private long readWhole(PartitionId partition, long offset) {
    var reached = new long[] {-1};
    long deadline = time.wallMs() + HEAL_MS;
    VirtualTime.Life asked = null;
    while (reached[0] < 0) {
      var running = driver;
      if (running != null && running.snapshot(partition) != null && asked != node.life()) {
        asked = node.life();
        read(running, partition, offset, next -> reached[0] = next);
      }
      if (reached[0] < 0 && (time.wallMs() > deadline || !time.step())) {
        throw new Violation("a read of " + partition + " at " + offset + " is never answered");
      }
    }
    if (reached[0] == offset) {
      throw new Violation("a read of " + partition + " at " + offset + " brings nothing");
    }
    return reached[0];
  }

  private void stopAndCompareViews() {
    var running = driver;
    if (running == null) {
      throw new IllegalStateException("stopped without a node");
    }
    world.isOver = true;
    var stopped = running.stop().toCompletableFuture();
    while (!stopped.isDone()) {
      if (!time.step()) {
        throw new Violation("the log never stops");
      }
    }
    node.die();
    disk.kill();
    long fromCheckpoint = node.rebuiltHash(true);
    if (!options.offloads()) {
      long fromAllFrames = node.rebuiltHash(false);
      if (fromCheckpoint != fromAllFrames) {
        throw new Violation("the view from the checkpoint is not the view from the log");
      }
    }
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

  private void runUntil(long chaosMs) {
    long end = time.wallMs() + chaosMs;
    while (time.wallMs() < end && time.step()) {
      // each step checks itself
    }
  }

  @Override
  public String toString() {
    return "seed " + seed + " " + options;
  }
}
