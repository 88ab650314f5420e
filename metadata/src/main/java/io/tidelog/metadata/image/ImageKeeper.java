package io.tidelog.metadata.image;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MetadataStore.RangeResult;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.api.TopicDefaults;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows the store by watch and publishes each picture. Owned by the metadata lane; {@link
 * #current} may be read from anywhere. When the watch falls behind the store's history everything
 * is read anew, and listeners see one large step instead of many small ones.
 */
public final class ImageKeeper implements ClusterImages, AutoCloseable {

  /** Between two tries to read everything anew. */
  static final long RELOAD_PAUSE_NS = 200_000_000;

  private final MetadataStore store;
  private final Lane lane;
  private final Clock clock;
  private final ClusterView empty;

  // Owned by the lane.
  private final List<Consumer<ClusterImage>> listeners = new ArrayList<>();
  private final List<StepListener> stepListeners = new ArrayList<>();
  private MetadataStore.@Nullable Watch watch;
  private boolean closed;

  private volatile ClusterView current;

  public ImageKeeper(MetadataStore store, Lane lane, Clock clock, int nodeId, TopicDefaults file) {
    this.store = store;
    this.lane = lane;
    this.clock = clock;
    this.empty = ClusterView.empty(nodeId, file);
    this.current = empty;
  }

  /** Completes on the lane when {@link #current} shows all that is in the store. */
  public CompletionStage<Void> start() {
    return store
        .range("", MetadataStore.NO_LIMIT, MetadataStore.NEWEST)
        .thenAcceptAsync(this::load, lane);
  }

  @Override
  public ClusterView current() {
    return current;
  }

  @Override
  public void onChange(Consumer<ClusterImage> listener) {
    lane.execute(
        () -> {
          listeners.add(listener);
          listener.accept(current);
        });
  }

  /** Registers who is told each step, before those of {@link #onChange}; on the lane. */
  public void onStep(StepListener listener) {
    stepListeners.add(listener);
  }

  /** Ends the watch; on the lane. */
  @Override
  public void close() {
    closed = true;
    if (watch != null) {
      watch.close();
    }
  }

  private void reload() {
    store
        .range("", MetadataStore.NO_LIMIT, MetadataStore.NEWEST)
        .whenComplete((all, failure) -> lane.execute(() -> onReloaded(all, failure)));
  }

  /** A store that cannot answer for now has news later; one that is broken has none. */
  private void onReloaded(@Nullable RangeResult all, @Nullable Throwable failure) {
    if (closed) {
      return;
    }
    if (all != null) {
      load(all);
    } else if (failure instanceof Fault.Retriable || failure instanceof Fault.Uncertain) {
      lane.executeAt(clock.monotonicNs() + RELOAD_PAUSE_NS, this::reload);
    }
  }

  private void load(RangeResult all) {
    var view = empty;
    // Settings first: topics inherit from them.
    for (boolean topics : new boolean[] {false, true}) {
      for (var entry : all.entries()) {
        if (entry.key().startsWith(Keys.TOPICS) == topics) {
          view = view.after(new WatchEvent.Put(entry));
        }
      }
    }
    var touched = new HashSet<>(current.topicsByName().keySet());
    touched.addAll(view.topicsByName().keySet());
    publish(view.atRevision(all.revision()), touched);
    if (!closed) {
      watch = store.watch("", all.revision() + 1, lane, new Follower());
    }
  }

  private void follow(long revision, List<WatchEvent> events) {
    var view = current;
    var touched = new HashSet<String>();
    for (var event : events) {
      view = view.after(event);
      if (event.key().startsWith(Keys.TOPICS)) {
        touched.add(event.key().substring(Keys.TOPICS.length()));
      } else if (event.key().startsWith(Keys.NODE_CONFIGS)) {
        touched.addAll(view.topicsByName().keySet());
      }
    }
    publish(view.atRevision(revision), touched);
  }

  private void publish(ClusterView next, Set<String> touched) {
    var before = current;
    current = next;
    stepListeners.forEach(listener -> listener.onStep(before, next, touched));
    listeners.forEach(listener -> listener.accept(next));
  }

  /** Told each step from one picture to the next, on the metadata lane. */
  @FunctionalInterface
  public interface StepListener {

    /**
     * @param touched names of the topics that may differ
     */
    void onStep(ClusterView before, ClusterView after, Set<String> touched);
  }

  private final class Follower implements MetadataStore.WatchListener {

    @Override
    public void onEvents(long revision, List<WatchEvent> events) {
      follow(revision, events);
    }

    @Override
    public void onCompacted(long compactedRevision) {
      if (!closed) {
        reload();
      }
    }
  }
}
