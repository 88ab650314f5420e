package io.tidelog.metadata.image;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MetadataStore.RangeResult;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Follows the keys under one prefix. The watch is a hint that may lose, repeat or reorder: what is
 * older than what is known of its key is dropped, and everything is read anew every few seconds and
 * whenever the watch ends. Whoever listens is told each key's changes in the order of their
 * revisions; after lost ones, what became of them. Owned by the lane.
 */
public final class StoreFollower implements AutoCloseable {

  /** As {@code reconcileNs}: the watch loses nothing, as that of a store in the same process. */
  public static final long NEVER = 0;

  /** Between two tries to read everything anew. */
  static final long RETRY_PAUSE_NS = 200_000_000;

  private final MetadataStore store;
  private final String prefix;
  private final Lane lane;
  private final Clock clock;
  private final long reconcileNs;
  private final Listener listener;

  // Owned by the lane.
  /** Revision of each key that exists, as far as known. */
  private final Map<String, Long> present = new HashMap<>();

  /** Revision at which keys were deleted, as far as that is after {@link #floor}. */
  private final Map<String, Long> deleted = new HashMap<>();

  /** Up to it all is known: everything was read at this revision. */
  private long floor;

  private List<CompletableFuture<Long>> waiting = new ArrayList<>();
  private MetadataStore.@Nullable Watch watch;
  private boolean reading;
  private boolean closed;

  /** Told what changed, on the lane. */
  @FunctionalInterface
  public interface Listener {

    /**
     * @param revision the store's, as far as it is known after these changes
     */
    void onChanges(long revision, List<WatchEvent> changes);
  }

  public StoreFollower(
      MetadataStore store,
      String prefix,
      Lane lane,
      Clock clock,
      long reconcileNs,
      Listener listener) {
    this.store = store;
    this.prefix = prefix;
    this.lane = lane;
    this.clock = clock;
    this.reconcileNs = reconcileNs;
    this.listener = listener;
  }

  /** Completes on the lane when the listener was told all that is in the store. */
  public CompletionStage<Void> start() {
    return store
        .range(prefix, MetadataStore.NO_LIMIT, MetadataStore.NEWEST)
        .thenAcceptAsync(
            all -> {
              onRange(all);
              reconcileLater();
            },
            lane);
  }

  /**
   * Reads everything anew, after whatever is asked of the store already; on the lane.
   *
   * @return completes on the lane with the revision that was read, when the listener was told;
   *     fails when the store is broken or this is closed
   */
  public CompletionStage<Long> refresh() {
    var done = new CompletableFuture<Long>();
    if (closed) {
      done.completeExceptionally(closedFault());
      return done;
    }
    waiting.add(done);
    read();
    return done;
  }

  /** The revision at which everything was read last; on the lane. */
  long readRevision() {
    return floor;
  }

  /** Ends the watch; on the lane. */
  @Override
  public void close() {
    closed = true;
    if (watch != null) {
      watch.close();
    }
    fail(closedFault());
  }

  private static Fault closedFault() {
    return new Fault.Retriable("the metadata is closed");
  }

  private void reconcileLater() {
    if (reconcileNs != NEVER && !closed) {
      lane.executeAt(
          clock.monotonicNs() + reconcileNs,
          () -> {
            read();
            reconcileLater();
          });
    }
  }

  private void read() {
    if (reading || closed) {
      return;
    }
    reading = true;
    var served = waiting;
    waiting = new ArrayList<>();
    store
        .range(prefix, MetadataStore.NO_LIMIT, MetadataStore.NEWEST)
        .whenComplete((all, failure) -> lane.execute(() -> onRead(served, all, failure)));
  }

  /** A store that cannot answer for now has news later; one that is broken has none. */
  private void onRead(
      List<CompletableFuture<Long>> served,
      @Nullable RangeResult all,
      @Nullable Throwable failure) {
    reading = false;
    if (all != null && all.revision() >= floor && !closed) {
      onRange(all);
      served.forEach(done -> done.complete(all.revision()));
      if (!waiting.isEmpty()) {
        read();
      }
      return;
    }
    waiting.addAll(served);
    var cause = failure instanceof CompletionException ? failure.getCause() : failure;
    boolean passing =
        cause == null || cause instanceof Fault.Retriable || cause instanceof Fault.Uncertain;
    if (closed || !passing) {
      fail(cause == null ? closedFault() : cause);
    } else if (watch == null || !waiting.isEmpty()) {
      lane.executeAt(clock.monotonicNs() + RETRY_PAUSE_NS, this::read);
    }
  }

  private void fail(Throwable cause) {
    var failed = waiting;
    waiting = new ArrayList<>();
    failed.forEach(done -> done.completeExceptionally(cause));
  }

  private void onRange(RangeResult all) {
    var changes = new ArrayList<WatchEvent>();
    var gone = new HashSet<>(present.keySet());
    for (var entry : all.entries()) {
      gone.remove(entry.key());
      if (isNews(entry.key(), entry.modRevision())) {
        present.put(entry.key(), entry.modRevision());
        deleted.remove(entry.key());
        changes.add(new WatchEvent.Put(entry));
      }
    }
    // What the watch told of already may be newer than what was read.
    gone.removeIf(key -> present.getOrDefault(key, 0L) > all.revision());
    for (var key : gone) {
      present.remove(key);
      changes.add(new WatchEvent.Deleted(key, all.revision()));
    }
    floor = all.revision();
    deleted.values().removeIf(revision -> revision <= floor);
    listener.onChanges(all.revision(), changes);
    if (watch == null && !closed) {
      watch = store.watch(prefix, all.revision() + 1, lane, new Watcher());
    }
  }

  private boolean isNews(String key, long revision) {
    return revision > present.getOrDefault(key, 0L) && revision > deleted.getOrDefault(key, 0L);
  }

  private void onEvents(long revision, List<WatchEvent> events) {
    var changes = new ArrayList<WatchEvent>(events.size());
    for (var event : events) {
      var key = event.key();
      if (event.revision() <= floor || !isNews(key, event.revision())) {
        continue;
      }
      if (event instanceof WatchEvent.Put) {
        present.put(key, event.revision());
        deleted.remove(key);
      } else {
        present.remove(key);
        deleted.put(key, event.revision());
      }
      changes.add(event);
    }
    listener.onChanges(revision, changes);
  }

  private final class Watcher implements MetadataStore.WatchListener {

    @Override
    public void onEvents(long revision, List<WatchEvent> events) {
      if (!closed) {
        StoreFollower.this.onEvents(revision, events);
      }
    }

    @Override
    public void onCompacted(long compactedRevision) {
      watch = null;
      read();
    }
  }
}
