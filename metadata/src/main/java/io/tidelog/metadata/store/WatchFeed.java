package io.tidelog.metadata.store;

import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.api.MetadataStore.WatchListener;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The bounded way of changes from a store's thread, which offers, to a watch's lane, which takes.
 * Shared between the two are a count and a flag.
 */
public final class WatchFeed {

  private final Executor lane;
  private final WatchListener listener;
  private final AtomicInteger backlog = new AtomicInteger();
  private volatile boolean closed;

  public WatchFeed(Executor lane, WatchListener listener) {
    this.lane = lane;
    this.listener = listener;
  }

  public boolean isClosed() {
    return closed;
  }

  /** When called on the watch's lane, no call of the listener begins after it. */
  public void close() {
    closed = true;
  }

  /**
   * Offers changes, on the store's thread.
   *
   * @return false when the lane is {@link MetadataStore#MAX_WATCH_BACKLOG} changes behind: then
   *     these are not told, and the store cancels
   */
  public boolean offer(long revision, List<WatchEvent> events) {
    if (backlog.addAndGet(events.size()) > MetadataStore.MAX_WATCH_BACKLOG) {
      return false;
    }
    lane.execute(() -> take(revision, events));
    return true;
  }

  private void take(long revision, List<WatchEvent> events) {
    backlog.addAndGet(-events.size());
    if (!closed) {
      listener.onEvents(revision, events);
    }
  }

  /** Tells that changes up to {@code compactedRevision} are missed, as the last thing told. */
  public void cancel(long compactedRevision) {
    lane.execute(
        () -> {
          if (!closed) {
            closed = true;
            listener.onCompacted(compactedRevision);
          }
        });
  }
}
