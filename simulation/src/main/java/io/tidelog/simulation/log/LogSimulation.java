package io.tidelog.simulation.log;

import io.tidelog.core.Fault;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.simulation.disk.SimDisk;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One run: chaos — load, administration, crashes, a full disk, failing syncs, damaged checkpoints,
 * a clock that is set — then everything is healed, what was sent must be acknowledged and readable,
 * what is sealed must be offloaded, and the view must be rebuilt from the log as it was held.
 */
public final class LogSimulation {

  private static final long CHAOS_MS = 4_000;
  private static final long HEAL_MS = 120_000;
  private static final String FIRST_SEGMENT = "00000000000000000000.seg";

  private final long seed;
  private final Random random;
  private final VirtualTime time;
  private final SimDisk disk;
  private final SimOptions options;
  private final SimNode node;
  private final SimColdTier cold;
  private final SimAdmin admin;
  private final SimReads reads;
  private final Expectations expectations = new Expectations();
  private final List<SimProducer> producers = new ArrayList<>();
  private final VirtualTime.Life world = new VirtualTime.Life();
  private @Nullable LogDriver driver;
  private boolean isHealed;

  private LogSimulation(long seed, Mutant mutant) {
    this.seed = seed;
    this.random = new Random(seed);
    this.options = SimOptions.of(random);
    this.time = new VirtualTime(random.nextLong());
    this.disk = new SimDisk(random.nextLong());
    this.node = new SimNode(time, disk, options, mutant);
    this.cold = new SimColdTier(new Random(random.nextLong()), mutant);
    this.admin = new SimAdmin(new Random(random.nextLong()), options);
    this.reads =
        new SimReads(
            new SimReads.Parts(
                time, world, node::life, time::latestWallMs, cold, expectations, false),
            new Random(random.nextLong()),
            () -> driver);
    for (int i = 0; i < options.producers(); i++) {
      producers.add(new SimProducer(i + 1, admin.any(), random, expectations));
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
    everyMs(250, this::administer);
    runUntil(CHAOS_MS);
    heal();
    long deadlineMs = time.elapsedMs() + HEAL_MS;
    while (!isDrained()) {
      if (time.elapsedMs() > deadlineMs || !time.step()) {
        throw new Violation("not drained: " + waiting());
      }
      expectations.rethrow();
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
    admin.reconcile(driver);
  }

  private void restart() {
    if (driver == null) { // else a crash has started it meanwhile
      node.die();
      disk.kill();
      start();
    }
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
    if (options.stepsClock()) {
      for (int i = 0; i < 3; i++) {
        long stepMs = random.nextLong(-3_000, 6_000);
        time.afterMs(random.nextLong(CHAOS_MS), world, () -> time.stepWall(stepMs));
      }
    }
  }

  private void crash() {
    node.die();
    if (options.losesPower() && random.nextBoolean()) {
      disk.losePower();
    } else {
      disk.kill();
    }
    if (options.damagesCheckpoints() && random.nextBoolean()) {
      damageNewestCheckpoint();
    }
    producers.forEach(SimProducer::onConnectionLost);
    cold.onCrash();
    start();
  }

  /**
   * One checkpoint may be damaged when there is another, or the log is there from its beginning.
   */
  private void damageNewestCheckpoint() {
    var checkpoints = disk.list().stream().filter(name -> name.endsWith(".ckpt")).toList();
    if (checkpoints.size() > 1
        || (checkpoints.size() == 1 && disk.list().contains(FIRST_SEGMENT))) {
      disk.damage(checkpoints.getLast());
    }
  }

  /** Ends all faults; every second time the process that suffered them has to go on. */
  private void heal() {
    isHealed = true;
    reads.onHealed();
    disk.limitTo(Long.MAX_VALUE);
    disk.failSyncs(0);
    var running = driver;
    if (running == null || running.stats().isBroken() || random.nextBoolean()) {
      crash();
    }
  }

  private void work() {
    var running = driver;
    if (running == null) {
      return;
    }
    for (var producer : producers) {
      // Like a client, it writes to a partition that the node has told it has.
      boolean isThere = running.snapshot(producer.partition().id()) != null;
      if (isThere && (isHealed || random.nextInt(3) == 0)) {
        producer.produce(running, !isHealed, time.wallMs(), options.delayMs());
      }
    }
    if (running.stats().isBroken() && random.nextInt(20) == 0) {
      crash(); // an operator restarts a log that says it is broken
    }
  }

  private void administer() {
    var running = driver;
    if (running == null) {
      return;
    }
    if (!admin.isSettled()) {
      admin.reconcile(running);
    } else if (options.administers() && !isHealed) {
      admin.disturb(running, producers);
    }
  }

  private void offload() {
    var running = driver;
    if (running != null && options.offloads()) {
      cold.offload(running, SimNode.LOG, disk);
      cold.collect(running.liveObjects(SimNode.LOG), time.elapsedMs());
    }
  }

  private void readSomething() {
    var running = driver;
    var partition = admin.any();
    var at = running == null ? null : running.snapshot(partition.id());
    if (running == null || at == null || at.visibleEndOffset() <= at.logStartOffset()) {
      return;
    }
    long offset = random.nextLong(at.logStartOffset(), at.visibleEndOffset());
    if (random.nextInt(3) == 0) {
      reads.find(running, partition, time.wallMs() - random.nextInt(2_000), 0);
    } else {
      reads.read(running, partition, offset, next -> {});
    }
  }

  private boolean isDrained() {
    var running = driver;
    return running != null
        && admin.isSettled()
        && producers.stream().allMatch(SimProducer::isIdle)
        && (!options.offloads() || running.offloadLagBytes(SimNode.LOG) == 0)
        && admin.partitions().stream()
            .allMatch(
                partition -> {
                  var at = running.snapshot(partition.id());
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
    return waiting
        + (admin.isSettled() ? "" : " administration")
        + (running == null ? " no node" : " " + running.stats());
  }

  private void checkEverything() {
    for (var partition : admin.partitions()) {
      var running = requireDriver();
      var at = running.snapshot(partition.id());
      if (at == null) {
        throw new Violation(partition.id() + " is gone");
      }
      if (at.logStartOffset() < partition.deletedEnd() || !at.config().equals(partition.config())) {
        throw new Violation(partition.id() + " forgot what it was told: " + at);
      }
      expectations.checkStart(partition, at, time.latestWallMs());
      checkRecords(partition, at.logStartOffset(), at.visibleEndOffset());
    }
  }

  private void checkRecords(SimPartition partition, long logStartOffset, long endOffset) {
    long start = logStartOffset;
    var found = new TreeMap<Long, Long>();
    long reached = start;
    while (reached < endOffset) {
      long next = readWhole(partition, reached);
      var at = requireDriver().snapshot(partition.id());
      if (at != null && at.logStartOffset() > reached) {
        start = Math.max(next, at.logStartOffset()); // what expired meanwhile need not be there
        found.clear();
        reached = start;
      } else {
        found.putAll(expectations.known(partition.id(), reached, next));
        reached = next;
      }
    }
    expectations.checkWhole(partition.id(), start, found);
  }

  private LogDriver requireDriver() {
    var running = driver;
    if (running == null) {
      throw new IllegalStateException("drained without a node");
    }
    return running;
  }

  /** Reads until answered: a read dies with its node, and its successor is asked again. */
  private long readWhole(SimPartition partition, long offset) {
    var reached = new long[] {-1};
    long deadlineMs = time.elapsedMs() + HEAL_MS;
    VirtualTime.Life asked = null;
    while (reached[0] < 0) {
      var running = driver;
      if (running != null
          && running.snapshot(partition.id()) != null
          && !node.life().equals(asked)) {
        asked = node.life();
        reads.read(running, partition, offset, next -> reached[0] = next);
      }
      if (reached[0] < 0 && (time.elapsedMs() > deadlineMs || !time.step())) {
        throw new Violation("a read of " + partition.id() + " at " + offset + " is never answered");
      }
    }
    if (reached[0] == offset) {
      throw new Violation("a read of " + partition.id() + " at " + offset + " brings nothing");
    }
    return reached[0];
  }

  private void stopAndCompareViews() {
    var stopped = requireDriver().stop().toCompletableFuture();
    world.isOver = true;
    while (time.step()) {
      // until nothing is left to do
    }
    if (!stopped.isDone()) {
      throw new Violation("the log never stops");
    }
    if (disk.openFiles() > SimNode.SPARE_SEGMENTS) {
      throw new Violation(disk.openFiles() + " files are open after the log has stopped");
    }
    node.die();
    disk.kill();
    long fromCheckpoint = node.rebuiltHash(true);
    if (disk.list().contains(FIRST_SEGMENT) && fromCheckpoint != node.rebuiltHash(false)) {
      throw new Violation("the view from the checkpoint is not the view from the log");
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
    while (time.elapsedMs() < chaosMs && time.step()) {
      expectations.rethrow();
    }
  }

  @Override
  public String toString() {
    return "seed " + seed + " " + options;
  }
}
