package io.tidelog.hot.node;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.core.log.AppendResult;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.DelayedLog;
import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.LedLogs;
import io.tidelog.core.log.LogAppender;
import io.tidelog.core.log.LogReader;
import io.tidelog.core.log.PartitionAdmin;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.PendingRecords;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.core.log.SealedSegmentSource;
import io.tidelog.core.log.TimeRequest;
import io.tidelog.hot.runtime.LogDriver;
import io.tidelog.hot.runtime.LogStats;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The logs that this node leads, as one: each call goes to the log that has the partition open. A
 * partition that none of them has is answered as one that is not led here. Any thread may call it.
 */
public final class ServedLogs
    implements LedLogs, LogAppender, LogReader, PartitionAdmin, DelayedLog, SealedSegmentSource {

  private final ReentrantLock changes = new ReentrantLock();

  // Replaced under the lock, read without it.
  /** Few: looked through from the first to the last. */
  private volatile List<Served> served = List.of();

  /** Of terms that have not begun, with the partitions their logs have. */
  private volatile Map<LogDriver, Set<PartitionId>> taken = Map.of();

  private volatile List<Listener> listeners = List.of();
  private volatile List<AdvanceListener> advanceListeners = List.of();
  private volatile List<Runnable> sealedListeners = List.of();

  /** What was counted in terms that are over. */
  private volatile LogStats counted = LogStats.NONE;

  private record Served(LogDriver driver, LedLog log) {}

  /** On the log's lane: it is led here, and takes appends to its partitions until it is served. */
  void onTaken(LogDriver driver, Set<PartitionId> partitions) {
    changing(
        () -> {
          var more = new IdentityHashMap<>(taken);
          more.put(driver, partitions);
          taken = more;
        });
  }

  /** On the log's lane: its term has begun here. */
  void onBegan(LogId id, LogDriver driver, long revision) {
    var log = new LedLog(id, driver.term(), revision, driver);
    changing(
        () -> {
          served = with(served, new Served(driver, log));
          taken = without(driver);
          advanceListeners.forEach(driver::onAdvance);
          sealedListeners.forEach(driver::onSealed);
        });
    listeners.forEach(listener -> listener.onBegan(log));
  }

  private Map<LogDriver, Set<PartitionId>> without(LogDriver driver) {
    var fewer = new IdentityHashMap<>(taken);
    fewer.remove(driver);
    return fewer;
  }

  /** On the log's lane: its term is over. Who waits for records is told to look again. */
  void onEnded(LogId id, LogDriver driver) {
    var partitions = List.copyOf(driver.partitions());
    boolean hasBegun = leading(id) == driver;
    changing(
        () -> {
          served = served.stream().filter(one -> one.driver() != driver).toList();
          taken = without(driver);
          counted = counted.plus(driver.stats().pastOnly());
        });
    if (!hasBegun) {
      return;
    }
    listeners.forEach(listener -> listener.onEnded(id, driver.term()));
    advanceListeners.forEach(listener -> listener.onAdvanced(partitions));
  }

  private void changing(Runnable change) {
    changes.lock();
    try {
      change.run();
    } finally {
      changes.unlock();
    }
  }

  private static <T> List<T> with(List<T> list, T added) {
    var longer = new ArrayList<>(list);
    longer.add(added);
    return List.copyOf(longer);
  }

  @Override
  public Collection<LedLog> led() {
    return served.stream().map(Served::log).toList();
  }

  @Override
  public void onChange(Listener listener) {
    changing(() -> listeners = with(listeners, listener));
  }

  private @Nullable LogDriver holding(PartitionId partition) {
    for (var one : served) {
      if (one.driver().snapshot(partition) != null) {
        return one.driver();
      }
    }
    return null;
  }

  private @Nullable LogDriver leading(LogId log) {
    for (var one : served) {
      if (one.log().log().equals(log)) {
        return one.driver();
      }
    }
    return null;
  }

  @Override
  public void append(List<AppendRequest> requests) {
    var only = only();
    if (only != null) {
      only.append(requests);
      return;
    }
    Map<LogDriver, List<AppendRequest>> byLog = new IdentityHashMap<>();
    for (var request : requests) {
      var holder = taking(request.partition());
      if (holder == null) {
        request
            .completion()
            .onCompleted(
                new AppendResult.Refused(
                    Refusal.NOT_LEADER_OR_FOLLOWER, notHere(request.partition())));
      } else {
        byLog.computeIfAbsent(holder, log -> new ArrayList<>()).add(request);
      }
    }
    byLog.forEach(LogDriver::append);
  }

  /** The one log that is led, which says itself what it does not hold; null when not one. */
  private @Nullable LogDriver only() {
    var now = served;
    return now.size() == 1 && taken.isEmpty() ? now.getFirst().driver() : null;
  }

  private @Nullable LogDriver taking(PartitionId partition) {
    var early = taken; // before the others: what begins is with these before it leaves here
    var holder = holding(partition);
    if (holder != null) {
      return holder;
    }
    for (var one : early.entrySet()) {
      if (one.getValue().contains(partition)) {
        return one.getKey();
      }
    }
    return null;
  }

  private static String notHere(PartitionId partition) {
    return "partition " + partition + " is not led here";
  }

  @Override
  public @Nullable PartitionSnapshot snapshot(PartitionId partition) {
    for (var one : served) {
      var at = one.driver().snapshot(partition);
      if (at != null) {
        return at;
      }
    }
    return null;
  }

  @Override
  public void read(ReadRequest request, ReadCompletion completion) {
    var holder = holding(request.partition());
    if (holder == null) {
      completion.onCompleted(new ReadResult.UnknownPartition());
    } else {
      holder.read(request, completion);
    }
  }

  @Override
  public void findByTime(TimeRequest request, ReadCompletion completion) {
    var holder = holding(request.partition());
    if (holder == null) {
      completion.onCompleted(new ReadResult.UnknownPartition());
    } else {
      holder.findByTime(request, completion);
    }
  }

  @Override
  public EpochEnd endOfEpoch(PartitionId partition, int leaderEpoch) {
    var holder = holding(partition);
    return holder == null ? EpochEnd.NONE : holder.endOfEpoch(partition, leaderEpoch);
  }

  @Override
  public void onAdvance(AdvanceListener listener) {
    changing(
        () -> {
          advanceListeners = with(advanceListeners, listener);
          served.forEach(one -> one.driver().onAdvance(listener));
        });
  }

  @Override
  public CompletionStage<Long> deleteBefore(PartitionId partition, long offset) {
    var holder = holding(partition);
    return holder == null ? refused(partition) : holder.deleteBefore(partition, offset);
  }

  @Override
  public CompletionStage<List<ProducerEntry>> producers(PartitionId partition) {
    var holder = holding(partition);
    return holder == null ? refused(partition) : holder.producers(partition);
  }

  private static <T> CompletionStage<T> refused(PartitionId partition) {
    return CompletableFuture.failedStage(
        new Fault.Refused(Refusal.NOT_LEADER_OR_FOLLOWER, notHere(partition)));
  }

  @Override
  public List<PendingRecords> pending() {
    return served.stream().flatMap(one -> one.driver().pending().stream()).toList();
  }

  @Override
  public CompletionStage<Void> deliverPending(List<PartitionId> partitions) {
    Map<LogDriver, List<PartitionId>> byLog = new IdentityHashMap<>();
    for (var partition : partitions) {
      var holder = holding(partition);
      if (holder == null) {
        return refused(partition);
      }
      byLog.computeIfAbsent(holder, log -> new ArrayList<>()).add(partition);
    }
    return CompletableFuture.allOf(
        byLog.entrySet().stream()
            .map(entry -> entry.getKey().deliverPending(entry.getValue()).toCompletableFuture())
            .toArray(CompletableFuture[]::new));
  }

  @Override
  public List<LogId> logs() {
    return served.stream().map(one -> one.log().log()).toList();
  }

  @Override
  public long term(LogId log) {
    var driver = leading(log);
    return driver == null ? -1 : driver.term(log);
  }

  @Override
  public @Nullable SealedSegment nextToOffload(LogId log) {
    var driver = leading(log);
    return driver == null ? null : driver.nextToOffload(log);
  }

  @Override
  public void onUnreadable(LogId log, Fault.Broken why) {
    var driver = leading(log);
    if (driver != null) {
      driver.onUnreadable(log, why);
    }
  }

  @Override
  public CompletionStage<Void> commit(ColdObject object) {
    var driver = leading(object.log());
    return driver == null
        ? CompletableFuture.failedStage(
            new Fault.Fenced("log " + object.log() + " is not led here"))
        : driver.commit(object);
  }

  /**
   * @throws Fault.Fenced when the log is not led here: none would look like all may go
   */
  @Override
  public Set<String> liveObjects(LogId log) {
    var driver = leading(log);
    if (driver == null) {
      throw new Fault.Fenced("log " + log + " is not led here");
    }
    return driver.liveObjects(log);
  }

  @Override
  public long offloadLagBytes(LogId log) {
    var driver = leading(log);
    return driver == null ? 0 : driver.offloadLagBytes(log);
  }

  @Override
  public void onSealed(Runnable listener) {
    changing(
        () -> {
          sealedListeners = with(sealedListeners, listener);
          served.forEach(one -> one.driver().onSealed(listener));
        });
  }

  /** Of all logs together, terms that are over included. */
  public LogStats stats() {
    var sum = counted;
    for (var one : served) {
      sum = sum.plus(one.driver().stats());
    }
    return sum;
  }
}
