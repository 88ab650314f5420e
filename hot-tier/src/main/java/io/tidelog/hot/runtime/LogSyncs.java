package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.hot.segment.SegmentWriter;
import io.tidelog.hot.segment.SyncTask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Makes what is written durable: one sync at a time, beside the lane. Owned by the log's lane,
 * whoever leads; what is made of a sync is its listener's.
 */
final class LogSyncs {

  private final Lane lane;
  private final Executor syncs;
  private final Clock clock;
  private final SegmentWriter writer;
  private final LogCounters counters;
  private Listener listener = (fault, syncNs) -> {};
  private List<Runnable> waitingForIdle = new ArrayList<>();
  private boolean isSyncing;

  /** Told after each sync; {@link SegmentWriter#syncedLsn} has moved, unless it failed. */
  interface Listener {

    /**
     * @param fault why the log is broken now, or null
     */
    void onSyncEnded(Fault.@Nullable Broken fault, long syncNs);
  }

  LogSyncs(Lane lane, Executor syncs, Clock clock, SegmentWriter writer, LogCounters counters) {
    this.lane = lane;
    this.syncs = syncs;
    this.clock = clock;
    this.writer = writer;
    this.counters = counters;
  }

  /** Whoever is told from now on, of the sync under way too. */
  void listener(Listener next) {
    listener = next;
  }

  boolean isSyncing() {
    return isSyncing;
  }

  /** Begins a sync, unless one is under way or everything written is synced. */
  void sync() {
    var task = isSyncing ? null : writer.beginSync();
    if (task == null) {
      return;
    }
    isSyncing = true;
    long startNs = clock.monotonicNs();
    syncs.execute(
        () -> {
          var failure = BlockingTask.failureOf(task::run);
          lane.execute(() -> onEnded(task, failure, startNs));
        });
  }

  private void onEnded(SyncTask task, @Nullable Throwable failure, long startNs) {
    isSyncing = false;
    long syncNs = clock.monotonicNs() - startNs;
    Fault.@Nullable Broken fault = null;
    if (failure == null) {
      writer.onSynced(task);
      counters.onSynced(syncNs);
    } else {
      var cause = failure instanceof IOException e ? e : new IOException(failure);
      fault = writer.onSyncFailed(task, cause);
    }
    listener.onSyncEnded(fault, syncNs);
    if (!isSyncing) {
      var waiting = waitingForIdle;
      waitingForIdle = new ArrayList<>();
      waiting.forEach(Runnable::run);
    }
  }

  /** Runs {@code task} when no sync is under way: now, or when the one that is has ended. */
  void whenIdle(Runnable task) {
    if (isSyncing) {
      waitingForIdle.add(task);
    } else {
      task.run();
    }
  }
}
