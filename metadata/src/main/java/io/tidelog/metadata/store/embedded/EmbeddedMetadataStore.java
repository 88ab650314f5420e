package io.tidelog.metadata.store.embedded;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import io.tidelog.metadata.store.TxnLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The metadata store of one process. One thread owns {@link StoreState} and {@link StoreJournal}:
 * it takes what has arrived, decides it in order, logs the effects as one group under one force,
 * then completes the callers, then tells the watches. A group that does not fit on the disk never
 * happened: its callers hear {@code Retriable}. One that cannot be forced is final: its callers
 * hear {@code Uncertain}, all later ones {@code Broken}, and only opening the folder again tells
 * what the disk holds.
 */
public final class EmbeddedMetadataStore implements MetadataStore {

  /** Calls waiting for the store's thread; above it a call is refused as retriable. */
  public static final int MAX_WAITING_CALLS = 65_536;

  /** Calls in one group commit. */
  static final int MAX_GROUP_CALLS = 4096;

  /** Keys and values of one group commit, but at least one call. */
  static final int MAX_GROUP_BYTES = 4 << 20;

  /** How long an ended lease waits for space on the disk before it is tried again. */
  private static final long FULL_DISK_PAUSE_NS = 100_000_000;

  private final BlockingQueue<Call<?>> waiting = new ArrayBlockingQueue<>(MAX_WAITING_CALLS);
  private final Clock clock;
  private final Thread thread;

  // Owned by the store's thread.
  private final StoreState state;
  private final StoreJournal journal;
  private final List<StoreWatch> watches = new ArrayList<>();
  private long pauseNs;

  /** Why the store takes no more calls, or null; written by its thread, or by who closes it. */
  private volatile @Nullable Fault stopped;

  private final CompletableFuture<Fault> end = new CompletableFuture<>();

  /** Set by the thread before it fails what waits for the last time. */
  private volatile boolean ended;

  private EmbeddedMetadataStore(StoreState state, StoreJournal journal, Clock clock) {
    this.state = state;
    this.journal = journal;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("metadata-store").unstarted(this::runUntilStopped);
  }

  /**
   * Opens the store in a folder, created if needed; blocks while it reads the log.
   *
   * @throws Fault.Broken when the folder is in use or something durable cannot be read
   */
  public static EmbeddedMetadataStore open(Path folder, Clock clock) {
    try {
      return open(LockedFolder.open(folder), clock, StoreJournal.MIN_SNAPSHOT_LOG_BYTES);
    } catch (IOException e) {
      throw new Fault.Broken("metadata folder " + folder + " cannot be read", e);
    }
  }

  static EmbeddedMetadataStore open(StoreDirectory directory, Clock clock, long snapshotLogBytes)
      throws IOException {
    boolean opened = false;
    try {
      var state = new StoreState();
      var journal = StoreJournal.recover(directory, state, clock.monotonicNs(), snapshotLogBytes);
      var store = new EmbeddedMetadataStore(state, journal, clock);
      store.thread.start();
      opened = true;
      return store;
    } finally {
      if (!opened) {
        directory.close();
      }
    }
  }

  @Override
  public CompletionStage<@Nullable Entry> get(String key) {
    return call(0, () -> state.get(key));
  }

  @Override
  public CompletionStage<RangeResult> range(String prefix, int limit, long atRevision) {
    return call(0, () -> state.range(prefix, limit, atRevision));
  }

  @Override
  public CompletionStage<TxnResult> txn(Txn txn) {
    try {
      return call(TxnLimits.checkedBytes(txn), () -> state.decide(txn));
    } catch (Fault.Refused e) {
      return CompletableFuture.failedStage(e);
    }
  }

  @Override
  public Watch watch(String prefix, long fromRevision, Executor lane, WatchListener listener) {
    if (fromRevision < 1) {
      throw new IllegalArgumentException("a watch from revision " + fromRevision);
    }
    var watch = new StoreWatch(prefix, fromRevision, lane, listener);
    var registered =
        call(
            0,
            () -> {
              watches.add(watch);
              return watch;
            });
    registered.exceptionally(
        fault -> {
          // Perhaps registered already, in a group that did not fit on the disk.
          watch.cancel(fromRevision - 1);
          return watch;
        });
    return watch;
  }

  @Override
  public CompletionStage<Long> grant(long ttlMs) {
    try {
      long checked = TxnLimits.checkedTtlMs(ttlMs);
      return call(0, () -> state.grant(checked, clock.monotonicNs()));
    } catch (Fault.Refused e) {
      return CompletableFuture.failedStage(e);
    }
  }

  @Override
  public CompletionStage<Long> keepAliveOnce(long lease) {
    return call(0, () -> state.keepAlive(lease, clock.monotonicNs()));
  }

  @Override
  public CompletionStage<Void> revoke(long lease) {
    return this.<@Nullable Void>call(
        0,
        () -> {
          state.revoke(lease);
          return null;
        });
  }

  @Override
  public CompletionStage<Void> compact(long revision) {
    return this.<@Nullable Void>call(
        0,
        () -> {
          state.compact(revision);
          return null;
        });
  }

  @Override
  public CompletionStage<Fault> stopped() {
    return end.copy();
  }

  @Override
  public void close() {
    if (stopped == null) {
      stopped = new Fault.Retriable("the metadata store is closed");
    }
    // Wakes the thread; when the queue is full it is awake.
    waiting.offer(new Call<>(0, () -> true));
    if (!Thread.currentThread().equals(thread)) {
      awaitEnd();
    }
  }

  private void awaitEnd() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private <T extends @Nullable Object> CompletionStage<T> call(int bytes, Supplier<T> work) {
    var fault = stopped;
    var call = new Call<T>(bytes, work);
    if (fault != null) {
      call.future.completeExceptionally(fault);
    } else if (!waiting.offer(call)) {
      call.future.completeExceptionally(
          new Fault.Retriable(MAX_WAITING_CALLS + " calls wait for the metadata store"));
    } else if (ended) {
      failWaiting();
    }
    return call.future;
  }

  private void runUntilStopped() {
    var group = new ArrayList<Call<?>>();
    try {
      while (stopped == null || !waiting.isEmpty()) {
        takeGroup(group);
        commit(group);
        group.clear();
        if (journal.wantsSnapshot()) {
          journal.takeSnapshot(state);
        }
      }
    } catch (Throwable e) {
      stopped = new Fault.Broken("the metadata store has stopped: " + e, e);
      var uncertain = new Fault.Uncertain("the metadata store failed in a commit", e);
      group.forEach(call -> call.future.completeExceptionally(uncertain));
    } finally {
      closeJournal();
      ended = true;
      failWaiting();
    }
  }

  /** Waits for a call or the next end of a lease, then takes what else has arrived. */
  private void takeGroup(List<Call<?>> group) throws InterruptedException {
    long waitNs = Math.max(pauseNs, state.nextExpiryNs(clock.monotonicNs()));
    var next = waiting.poll(waitNs, TimeUnit.NANOSECONDS);
    long bytes = 0;
    while (next != null) {
      group.add(next);
      bytes += next.bytes;
      boolean full = group.size() >= MAX_GROUP_CALLS || bytes >= MAX_GROUP_BYTES;
      next = full ? null : waiting.poll();
    }
  }

  private void commit(List<Call<?>> group) throws IOException {
    state.expire(clock.monotonicNs());
    group.forEach(Call::decide);
    var changes = state.unlogged();
    if (!changes.isEmpty()) {
      try {
        journal.append(changes);
      } catch (Fault.Retriable nothingHappened) {
        state.rollBack();
        pauseNs = FULL_DISK_PAUSE_NS;
        group.forEach(call -> call.future.completeExceptionally(nothingHappened));
        return;
      }
    }
    state.onLogged();
    pauseNs = 0;
    // Callers first, so that whoever posts both to one lane knows its revision before it arrives.
    group.forEach(Call::complete);
    watches.removeIf(StoreWatch::isClosed);
    watches.forEach(watch -> watch.offerNews(state));
  }

  private void closeJournal() {
    try {
      journal.close();
    } catch (IOException e) {
      if (stopped instanceof Fault.Retriable) {
        stopped = new Fault.Broken("the metadata store did not close", e);
      }
    }
  }

  private void failWaiting() {
    var fault = stopped;
    if (fault == null) {
      throw new IllegalStateException("a running store fails no calls");
    }
    for (var call = waiting.poll(); call != null; call = waiting.poll()) {
      call.future.completeExceptionally(fault);
    }
    end.complete(fault);
  }

  /** A call on its way through the store's thread. */
  private static final class Call<T extends @Nullable Object> {

    private final int bytes;
    private final Supplier<T> work;
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private @Nullable Runnable answer;

    Call(int bytes, Supplier<T> work) {
      this.bytes = bytes;
      this.work = work;
    }

    void decide() {
      try {
        T result = work.get();
        answer = () -> future.complete(result);
      } catch (Fault e) {
        answer = () -> future.completeExceptionally(e);
      }
    }

    void complete() {
      if (answer != null) {
        answer.run();
      }
    }
  }
}
