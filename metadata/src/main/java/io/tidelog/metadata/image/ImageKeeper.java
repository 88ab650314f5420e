package io.tidelog.metadata.image;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.api.TopicDefaults;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Follows the store and publishes each picture. Owned by the metadata lane; {@link #current} may be
 * read from anywhere. What the watch lost is seen a little later, and listeners see one large step
 * instead of many small ones.
 */
public final class ImageKeeper implements ClusterImages, AutoCloseable {

  private final StoreFollower follower;
  private final Lane lane;

  // Owned by the lane.
  private final List<Consumer<ClusterImage>> listeners = new ArrayList<>();
  private final List<StepListener> stepListeners = new ArrayList<>();

  private volatile ClusterView current;

  /** For a store that one process has to itself, whose watch loses nothing. */
  public ImageKeeper(MetadataStore store, Lane lane, Clock clock, int nodeId, TopicDefaults file) {
    this(store, lane, clock, ClusterView.empty(nodeId, file), StoreFollower.NEVER);
  }

  /**
   * @param empty what is published before anything is known
   * @param reconcileNs how often everything is read anew
   */
  public ImageKeeper(
      MetadataStore store, Lane lane, Clock clock, ClusterView empty, long reconcileNs) {
    this.lane = lane;
    this.current = empty;
    this.follower = new StoreFollower(store, "", lane, clock, reconcileNs, this::follow);
  }

  /** Completes on the lane when {@link #current} shows all that is in the store. */
  public CompletionStage<Void> start() {
    return follower.start();
  }

  /**
   * Reads everything anew; on the lane.
   *
   * @return completes on the lane when {@link #current} shows all that was in the store when this
   *     was called, with the revision that it was read at
   */
  public CompletionStage<Long> refresh() {
    return follower.refresh();
  }

  /**
   * Completes on the lane when {@link #current} was made from all that was in the store at {@code
   * revision} or later, and not from what a watch told; on the lane.
   */
  public CompletionStage<Long> readSince(long revision) {
    long read = follower.readRevision();
    return read >= revision ? CompletableFuture.completedStage(read) : follower.refresh();
  }

  /** Up to it {@link #current} shows all there was; on the lane. */
  public long readRevision() {
    return follower.readRevision();
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
    follower.close();
  }

  private void follow(long revision, List<WatchEvent> events) {
    var before = current;
    var view = before;
    var touched = new HashSet<String>();
    for (var event : events) {
      view = view.after(event);
      if (event.key().startsWith(Keys.TOPICS)) {
        touched.add(event.key().substring(Keys.TOPICS.length()));
      } else if (event.key().startsWith(Keys.NODE_CONFIGS)) {
        touched.addAll(view.topicsByName().keySet());
      }
    }
    var next = view.atRevision(Math.max(revision, before.revision()));
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
}
