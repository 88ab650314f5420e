package io.tidelog.hot.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.PartitionSpec;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.hot.disk.FaultyLogDisk;
import io.tidelog.hot.segment.CopyStanding;
import io.tidelog.hot.segment.LogTruncation;
import io.tidelog.hot.segment.RawGroups;
import io.tidelog.hot.segment.RawRange;
import io.tidelog.hot.view.ListDelayGates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/** One copy of a log, stepped by one thread, and what a driver of replicas does with it. */
final class SteppedReplica implements Clock, Lane {

  private record Timer(long deadlineNs, long number, Runnable task) {}

  FaultyLogDisk disk;
  final HotTierConfig config;
  private final Random random;
  private final List<ArrayDeque<Runnable>> queues =
      List.of(new ArrayDeque<>(), new ArrayDeque<>(), new ArrayDeque<>());
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(
          Comparator.comparingLong(Timer::deadlineNs).thenComparingLong(Timer::number));
  private long timerCount;
  long nowMs = 1_000_000;
  ReplicaLog replica;
  LogDriver driver;

  SteppedReplica(HotTierConfig config, Random random) {
    this.config = config;
    this.random = random;
    this.disk = new FaultyLogDisk(new Random(random.nextLong()));
    open(CopyStanding.COUNTED);
  }

  void open(CopyStanding standing) {
    queues.forEach(ArrayDeque::clear);
    timers.clear();
    driver = null;
    replica =
        LogOpener.openReplica(
            new LogOpener.ReplicaParts(
                disk,
                RunningLog.LOG,
                config,
                new ListDelayGates(),
                this,
                new LocalSpace(config.limits().localMaxBytes()),
                standing),
            new LogDriver.Threads(this, queues.get(1)::add, Runnable::run, queues.get(2)::add));
    replica.start(ReplicaListener.NONE);
    settle();
  }

  /** The power goes and comes back. */
  void crash(CopyStanding standing) {
    disk.crash();
    disk = disk.copy(new Random(random.nextLong()));
    open(standing);
  }

  @Override
  public long wallMs() {
    return nowMs;
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

  /** Runs what the lane has to do, while syncs and what is in the background wait. */
  void settleLane() {
    while (!queues.getFirst().isEmpty()) {
      queues.getFirst().remove().run();
    }
  }

  /** Runs everything that need not wait for time to pass. */
  void settle() {
    var waiting = queues.stream().filter(queue -> !queue.isEmpty()).toList();
    while (!waiting.isEmpty()) {
      waiting.get(random.nextInt(waiting.size())).remove().run();
      waiting = queues.stream().filter(queue -> !queue.isEmpty()).toList();
    }
  }

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
    assertThat(stage.toCompletableFuture()).isDone();
    return RunningLog.await(stage);
  }

  /** Leads in this term; the stage completes when the term's first frame is committed. */
  CompletionStage<Void> lead(long term) {
    driver = replica.lead(new Leadership(term, new UUID(6, term)));
    driver.serveUntil(Long.MAX_VALUE);
    var started = driver.start();
    settle();
    return started;
  }

  CompletionStage<Void> leadAlone(long term) {
    var started = lead(term);
    driver.onReplicas(Long.MAX_VALUE);
    settle();
    return started;
  }

  void open(int number) {
    await(
        driver.open(List.of(new PartitionSpec(RunningLog.partition(number), 0, RunningLog.PLAIN))));
  }

  AtomicReference<AppendResult> send(int number, ByteBuffer records, Acks acks) {
    var result = new AtomicReference<AppendResult>();
    driver.append(
        List.of(
            new AppendRequest(
                RunningLog.partition(number),
                records,
                acks,
                AppendRequest.ANY_OFFSET,
                result::set)));
    return result;
  }

  ReadResult read(int number, long offset) {
    var result = new AtomicReference<ReadResult>();
    driver.read(
        new ReadRequest(
            RunningLog.partition(number), offset, 1 << 20, true, ReadRequest.UpTo.VISIBLE_END),
        result::set);
    settle();
    return result.get();
  }

  /** A copy of the groups from the LSN on, as if they came over the network. */
  RawGroups groups(long lsn, int maxBytes) {
    var range = new AtomicReference<RawRange>();
    replica.ranges().read(lsn, maxBytes, range::set);
    assertThat(range.get()).isInstanceOf(RawRange.Groups.class);
    try (var held = (RawRange.Groups) range.get()) {
      var groups = held.groups();
      var copy = ByteBuffer.allocate(groups.bytes().remaining());
      copy.put(groups.bytes().duplicate()).flip();
      return new RawGroups(groups.lsn(), groups.segmentBaseLsn(), copy);
    }
  }

  /** Takes what the leader has, at most so many times so many bytes. */
  void follow(SteppedReplica leader, int times, int maxBytes) {
    for (int i = 0; i < times && replica.endLsn() < leader.replica.endLsn(); i++) {
      var appended = replica.append(leader.groups(replica.endLsn(), maxBytes));
      assertThat(appended).isInstanceOf(ReplicaAppend.Written.class);
    }
  }

  void followWholly(SteppedReplica leader) {
    follow(leader, Integer.MAX_VALUE, 1 << 20);
    settle();
  }

  /** Closes the log at once, cuts it to what the leader has too, and opens it again. */
  void cutTo(SteppedReplica leader, CopyStanding standing) {
    long end =
        replica
            .history()
            .commonEndLsn(replica.endLsn(), leader.replica.history(), leader.replica.endLsn());
    long segmentBaseLsn = leader.replica.segmentBaseLsn(end);
    if (end == replica.endLsn() && driver == null && replica.mayFollow(segmentBaseLsn)) {
      return;
    }
    abandon();
    cut(end, segmentBaseLsn);
    open(standing);
    assertThat(replica.endLsn()).isEqualTo(end);
  }

  void abandon() {
    await(driver == null ? replica.abandon() : driver.depose());
    driver = null;
  }

  void cut(long endLsn, long segmentBaseLsn) {
    try {
      LogTruncation.truncate(disk, RunningLog.LOG, new LogTruncation.Cut(endLsn, segmentBaseLsn));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long viewHash() {
    return replica.parts().view().hash();
  }
}
