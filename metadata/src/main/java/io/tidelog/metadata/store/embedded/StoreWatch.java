package io.tidelog.metadata.store.embedded;

import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MetadataStore.WatchListener;
import io.tidelog.metadata.store.WatchFeed;
import java.util.concurrent.Executor;

/** One running watch: the store's thread offers, the watch's lane takes. */
final class StoreWatch implements MetadataStore.Watch {

  private final String prefix;
  private final WatchFeed feed;

  /** Owned by the store's thread: everything below was offered or does not concern this watch. */
  private long nextRevision;

  StoreWatch(String prefix, long fromRevision, Executor lane, WatchListener listener) {
    this.prefix = prefix;
    this.nextRevision = fromRevision;
    this.feed = new WatchFeed(lane, listener);
  }

  boolean isClosed() {
    return feed.isClosed();
  }

  /** Offers what happened since the last time; on the store's thread. */
  void offerNews(StoreState state) {
    if (feed.isClosed() || nextRevision > state.revision()) {
      return;
    }
    if (nextRevision <= state.compactedRevision()) {
      cancel(state.compactedRevision());
      return;
    }
    var events = state.eventsFrom(nextRevision, prefix);
    long revision = state.revision();
    nextRevision = revision + 1;
    if (!events.isEmpty() && !feed.offer(revision, events)) {
      cancel(revision);
    }
  }

  @Override
  public void close() {
    feed.close();
  }

  /** Offers nothing more and says so; on the store's thread, or when that does not know it. */
  void cancel(long compactedRevision) {
    feed.cancel(compactedRevision);
    nextRevision = Long.MAX_VALUE;
  }
}
