package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.DelayGates;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.hot.disk.FaultyLogDisk;
import io.tidelog.hot.view.ListDelayGates;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A log driven by one thread, step by step, in an order that a seed chooses, on a disk that fails
 * and forgets on command, at a time that stands still unless it is advanced.
 */
final class SteppedLog implements Clock, Lane {

  private record Timer(long deadlineNs, long number, Runnable task) {}

  FaultyLogDisk disk;
  final HotTierConfig config;
  private final Random random;
  private final DelayGates gates;
  private final List<ArrayDeque<Runnable>> queues =
      List.of(new ArrayDeque<>(), new ArrayDeque<>(), new ArrayDeque<>());
  private PriorityQueue<Timer> timers = timers();
  private long timerCount;
  private long nowMs = 1_000_000;
  private long wallAheadMs;
  LogDriver driver;

  private static PriorityQueue<Timer> timers() {
    return new PriorityQueue<>(
        Comparator.comparingLong(Timer::deadlineNs).thenComparingLong(Timer::number));
  }

  SteppedLog(FaultyLogDisk disk, HotTierConfig config, Random random) {
    this(disk, config, random, new ListDelayGates());
  }

  SteppedLog(FaultyLogDisk disk, HotTierConfig config, Random random, DelayGates gates) {
    this.gates = gates;
    this.disk = disk;
    this.config = config;
    this.random = random;
    open();
  }

  /** Recovers what is on the disk; what was running before is forgotten. */
  void open() {
    queues.forEach(ArrayDeque::clear);
    timers = timers();
    var sole =
        SoleReplica.open(
            new SoleReplica.Parts(disk, RunningLog.LOG, config, gates, this),
            new LogDriver.Threads(this, queues.get(1)::add, Runnable::run, queues.get(2)::add),
            new UUID(5, 5));
    driver = sole.driver();
    await(sole.start());
  }

  /** The power goes and comes back; faults that were planned for the disk are forgotten. */
  void crash() {
    disk.crash();
    disk = disk.copy(new Random(random.nextLong()));
    open();
  }

  @Override
  public long wallMs() {
    return nowMs + wallAheadMs;
  }

  /** Sets the wall clock; the monotonic one goes on as it was. */
  void setWallMs(long wallMs) {
    wallAheadMs = wallMs - nowMs;
  }

  @Override
  public long monotonicNs() {
    return nowMs * 1_000_000;
  }

  @Override
  public void execute(Runnable task) {
    queues.getFirst().add(task);
  }

  @Override
  public Runnable executeAt(long deadlineNs, Runnable task) {
    var timer = new Timer(deadlineNs, timerCount++, task);
    timers.add(timer);
    return () -> timers.remove(timer);
  }

  /** Runs one task of a thread that the seed chooses; false when none has any. */
  boolean step() {
    var waiting = queues.stream().filter(queue -> !queue.isEmpty()).toList();
    if (waiting.isEmpty()) {
      return false;
    }
    var task = waiting.get(random.nextInt(waiting.size())).remove();
    try {
      task.run();
    } catch (RuntimeException e) {
      driver.onUncaught(e);
      throw e;
    }
    return true;
  }

  /** Runs what the lane has to do, while syncs and what is in the background wait. */
  void settleLane() {
    while (!queues.getFirst().isEmpty()) {
      queues.getFirst().remove().run();
    }
  }

  /** Runs everything that need not wait for time to pass. */
  void settle() {
    while (step()) {
      // Each step may add more.
    }
  }

  /** Lets time pass, and runs what was waiting for it. */
  void advance(long ms) {
    long endMs = nowMs + ms;
    settle();
    while (!timers.isEmpty() && timers.peek().deadlineNs() <= endMs * 1_000_000) {
      var timer = timers.remove();
      nowMs = Math.max(nowMs, (timer.deadlineNs() + 999_999) / 1_000_000);
      execute(timer.task());
      settle();
    }
    nowMs = endMs;
  }

  <T> T await(CompletionStage<T> stage) {
    settle();
    var future = stage.toCompletableFuture();
    if (!future.isDone()) {
      throw new AssertionError("still waiting");
    }
    return RunningLog.await(future);
  }

  static PartitionId partition(int number) {
    return RunningLog.partition(number);
  }

  void open(int number, PartitionConfig settings) {
    await(driver.open(List.of(new PartitionSpec(partition(number), 0, settings))));
  }

  /** Where the answer will be. */
  AtomicReference<AppendResult> send(int number, ByteBuffer records) {
    var result = new AtomicReference<AppendResult>();
    driver.append(
        List.of(
            new AppendRequest(
                partition(number), records, Acks.ALL, AppendRequest.ANY_OFFSET, result::set)));
    return result;
  }

  AppendResult append(int number, ByteBuffer records) {
    var result = send(number, records);
    settle();
    if (result.get() == null) {
      throw new AssertionError("no answer");
    }
    return result.get();
  }

  ReadResult read(int number, long offset, int maxBytes) {
    var result = new AtomicReference<ReadResult>();
    driver.read(
        new ReadRequest(partition(number), offset, maxBytes, true, ReadRequest.UpTo.VISIBLE_END),
        result::set);
    return result.get();
  }

  /** All visible bytes of the partition from the offset on. */
  List<ByteBuffer> readAll(int number, long from) {
    List<ByteBuffer> parts = new ArrayList<>();
    long offset = from;
    while (offset < snapshot(number).visibleEndOffset()) {
      if (!(read(number, offset, 1 << 14) instanceof ReadResult.Records records)) {
        throw new AssertionError("no records at " + offset + ": " + read(number, offset, 1 << 14));
      }
      try (var bytes = records.bytes()) {
        var copy = RunningLog.copy(bytes);
        offset = RunningLog.headers(copy).getLast().endOffset();
        parts.add(copy);
      }
    }
    return parts;
  }

  PartitionSnapshot snapshot(int number) {
    var snapshot = driver.snapshot(partition(number));
    if (snapshot == null) {
      throw new AssertionError("partition " + number + " is not open");
    }
    return snapshot;
  }
}
