package io.tidelog.metadata.store.embedded;

import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.api.MetadataStore.WatchListener;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One running watch: the store's thread offers, the watch's lane takes. Shared between the two are
 * a count and a flag.
 */
final class StoreWatch implements MetadataStore.Watch {

  private final String prefix;
  private final Executor lane;
  private final WatchListener listener;
  private final AtomicInteger backlog = new AtomicInteger();
  private volatile boolean closed;

  /** Owned by the store's thread: everything below was offered or does not concern this watch. */
  private long nextRevision;

  StoreWatch(String prefix, long fromRevision, Executor lane, WatchListener listener) {
    this.prefix = prefix;
    this.nextRevision = fromRevision;
    this.lane = lane;
    this.listener = listener;
  }

  boolean isClosed() {
    return closed;
  }

  /** Offers what happened since the last time; on the store's thread. */
  void offerNews(StoreState state) {
    if (closed || nextRevision > state.revision()) {
      return;
    }
    if (nextRevision <= state.compactedRevision()) {
      cancel(state.compactedRevision());
      return;
    }
    var events = state.eventsFrom(nextRevision, prefix);
    long revision = state.revision();
    if (events.isEmpty()) {
      nextRevision = revision + 1;
    } else if (backlog.addAndGet(events.size()) > MetadataStore.MAX_WATCH_BACKLOG) {
      cancel(revision);
    } else {
      nextRevision = revision + 1;
      lane.execute(() -> take(revision, events));
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  private void take(long revision, List<WatchEvent> events) {
    backlog.addAndGet(-events.size());
    if (!closed) {
      listener.onEvents(revision, events);
    }
  }

  /** Offers nothing more and says so; on the store's thread, or when that does not know it. */
  void cancel(long compactedRevision) {
    lane.execute(
        () -> {
          if (!closed) {
            closed = true;
            listener.onCompacted(compactedRevision);
          }
        });
    nextRevision = Long.MAX_VALUE;
  }
}
