package io.tidelog.metadata.move;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import io.tidelog.core.PartitionId;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.PartitionMove;
import io.tidelog.metadata.api.PartitionMoves;
import io.tidelog.metadata.api.Subscription;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The moves as the topics in the picture have them. What is told of a partition is never newer than
 * it says: it has the revision of the topic's own value, or of what was read last, and not that of
 * the picture, whose watch may have lost a change. The metadata lane owns it.
 */
public final class StorePartitionMoves implements PartitionMoves {

  /** So long a picture is waited for that shows what was done here, before all is read anew. */
  static final long SHOWN_PAUSE_NS = 200_000_000;

  private static final Comparator<PartitionMove> BY_AGE =
      Comparator.comparingLong(PartitionMove::epoch)
          .thenComparing(move -> move.partition().topicId())
          .thenComparingInt(move -> move.partition().partition());

  private final ImageKeeper images;
  private final Lane lane;
  private final Clock clock;
  private final int maxMoves;
  private final HomeChanges changes;

  // Owned by the lane.
  private final List<Runnable> listeners = new ArrayList<>();

  private volatile Seen seen;

  /**
   * What is known here.
   *
   * @param readRevision up to it the picture shows all there was
   * @param moves those to be worked on
   */
  private record Seen(ClusterView view, long readRevision, List<PartitionMove> moves) {}

  /**
   * @param maxMoves that are told by {@link #all} at one time
   */
  public StorePartitionMoves(
      MetadataStore store, ImageKeeper images, Lane lane, Clock clock, int maxMoves) {
    this.images = images;
    this.lane = lane;
    this.clock = clock;
    this.maxMoves = maxMoves;
    this.changes = new HomeChanges(store, images, lane, this::expectShown);
    this.seen = new Seen(images.current(), 0, List.of());
  }

  /** Follows the picture from here on; on the lane, before the picture is read. */
  public void start() {
    images.onStep(this::onStep);
  }

  @Override
  public Collection<PartitionMove> all() {
    return seen.moves();
  }

  @Override
  public Standing standing(PartitionId partition) {
    var now = seen;
    var topic = now.view().topic(partition.topicId());
    if (topic == null) {
      return new Standing(now.readRevision(), null, 0, null);
    }
    long revision = Math.max(now.readRevision(), topic.modRevision());
    if (partition.partition() >= topic.partitionCount()) {
      return new Standing(revision, null, 0, null);
    }
    var homes = topic.homes();
    int number = partition.partition();
    return new Standing(
        revision, homes.home(number), homes.baseEpoch(number), moveOf(topic, number));
  }

  /** The move of one partition, or null. */
  static @Nullable PartitionMove moveOf(TopicImage topic, int partition) {
    var homes = topic.homes();
    var move = homes.move(partition);
    return move == null
        ? null
        : new PartitionMove(
            topic.partition(partition), move.epoch(), homes.home(partition), move.to());
  }

  @Override
  public Subscription onChange(Runnable listener) {
    lane.execute(() -> listeners.add(listener));
    return () -> lane.execute(() -> listeners.remove(listener));
  }

  private void onStep(ClusterView before, ClusterView after, Set<String> touched) {
    boolean changed =
        touched.stream().anyMatch(name -> !moves(before, name).equals(moves(after, name)));
    seen = new Seen(after, images.readRevision(), changed ? oldest(after) : seen.moves());
    if (changed) {
      listeners.forEach(Runnable::run);
    }
  }

  private static Map<Integer, PartitionHomes.Move> moves(ClusterView view, String name) {
    var topic = view.topic(name);
    return topic == null ? Map.of() : topic.homes().moves();
  }

  /** A move that is among them stays there until it is over: those that begin later are behind. */
  private List<PartitionMove> oldest(ClusterView view) {
    return view.moving().stream()
        .map(name -> Objects.requireNonNull(view.topic(name), name))
        .flatMap(
            topic ->
                topic.homes().moves().keySet().stream()
                    .map(partition -> Objects.requireNonNull(moveOf(topic, partition))))
        .sorted(BY_AGE)
        .limit(maxMoves)
        .toList();
  }

  @Override
  public CompletionStage<Void> refresh() {
    return CompletableFuture.supplyAsync(images::refresh, lane)
        .thenCompose(read -> read)
        .thenAcceptAsync(revision -> {}, lane);
  }

  @Override
  public CompletionStage<Void> swapHome(PartitionMove move) {
    return changes.swap(move);
  }

  @Override
  public CompletionStage<Void> cancel(PartitionMove move) {
    return changes.cancel(move);
  }

  /** The watch may have lost it. */
  private void expectShown(PartitionMove move) {
    lane.executeAt(
        clock.monotonicNs() + SHOWN_PAUSE_NS,
        () -> {
          if (move.equals(standing(move.partition()).move())) {
            var unused = images.refresh();
          }
        });
  }
}
