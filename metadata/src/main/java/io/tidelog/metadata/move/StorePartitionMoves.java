package io.tidelog.metadata.move;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.Lane;
import io.tidelog.core.PartitionId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.PartitionMove;
import io.tidelog.metadata.api.PartitionMoves;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The moves as the topics in the picture have them. What is told of a partition is never newer than
 * it says: it has the revision of the topic's own value, or of what was read last, and not that of
 * the picture, whose watch may have lost a change. The metadata lane owns it.
 */
public final class StorePartitionMoves implements PartitionMoves {

  /** How often a change is planned anew because another one came first. */
  static final int MAX_ATTEMPTS = 16;

  /** So long a picture is waited for that shows what was done here, before all is read anew. */
  static final long SHOWN_PAUSE_NS = 200_000_000;

  private static final Comparator<PartitionMove> BY_AGE =
      Comparator.comparingLong(PartitionMove::epoch)
          .thenComparing(move -> move.partition().topicId())
          .thenComparingInt(move -> move.partition().partition());

  private final MetadataStore store;
  private final ImageKeeper images;
  private final Lane lane;
  private final Clock clock;
  private final int maxMoves;

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
    this.store = store;
    this.images = images;
    this.lane = lane;
    this.clock = clock;
    this.maxMoves = maxMoves;
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

  private static @Nullable PartitionMove moveOf(TopicImage topic, int partition) {
    var homes = topic.homes();
    var move = homes.move(partition);
    return move == null
        ? null
        : new PartitionMove(
            topic.partition(partition), move.epoch(), homes.home(partition), move.to());
  }

  @Override
  public void onChange(Runnable listener) {
    lane.execute(() -> listeners.add(listener));
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
    return change(move, State::swapped);
  }

  @Override
  public CompletionStage<Void> cancel(PartitionMove move) {
    return change(move, State::cancelled);
  }

  /**
   * What a change is reckoned from.
   *
   * @param from null when it is gone
   * @param to null when it is gone
   */
  private record State(TopicImage topic, @Nullable LogRecord from, @Nullable LogRecord to) {

    /** Null when a log is gone: nothing can be reckoned. */
    @Nullable Txn swapped(PartitionMove move) {
      if (from == null || to == null) {
        return null;
      }
      int partition = move.partition().partition();
      long base = topic.homes().baseEpoch(partition) + from.term() + 1 - to.term();
      return changed(
          topic.homes().withHome(partition, move.to(), Math.toIntExact(Math.max(0, base))),
          List.of(
              Txn.Compare.unchangedSince(Keys.log(from.id()), from.modRevision()),
              Txn.Compare.unchangedSince(Keys.log(to.id()), to.modRevision())));
    }

    Txn cancelled(PartitionMove move) {
      return changed(topic.homes().withoutMove(move.partition().partition()), List.of());
    }

    private Txn changed(PartitionHomes homes, List<Txn.Compare> logs) {
      var key = Keys.topic(topic.name());
      var compares = new ArrayList<>(logs);
      compares.add(Txn.Compare.unchangedSince(key, topic.modRevision()));
      var elseOps = new ArrayList<Txn.Op>();
      compares.forEach(compare -> elseOps.add(new Txn.Op.Get(compare.key())));
      var value = StoredValues.topic(topic.withHomes(homes));
      return new Txn(compares, Txn.when().put(key, value).build().thenOps(), elseOps);
    }

    /** As another one left it, which came first; what was not read is as before. */
    @Nullable State after(TxnResult result, TopicDefaults defaults) {
      TopicImage nextTopic = null;
      var nextFrom = from;
      var nextTo = to;
      for (var entry : result.read()) {
        if (entry.key().equals(Keys.topic(topic.name()))) {
          nextTopic = StoredValues.topic(entry, defaults);
        } else if (from != null && entry.key().equals(Keys.log(from.id()))) {
          nextFrom = StoredValues.log(entry);
        } else if (to != null && entry.key().equals(Keys.log(to.id()))) {
          nextTo = StoredValues.log(entry);
        }
      }
      return nextTopic == null ? null : new State(nextTopic, nextFrom, nextTo);
    }
  }

  private CompletionStage<Void> change(PartitionMove move, Change change) {
    return CompletableFuture.supplyAsync(
            () -> {
              var view = images.current();
              var topic = view.topic(move.partition().topicId());
              return topic == null
                  ? done()
                  : attempt(
                      move,
                      new State(topic, view.log(move.from()), view.log(move.to())),
                      change,
                      1);
            },
            lane)
        .thenCompose(stage -> stage);
  }

  /** What is to be done about a move, from what is known. */
  private interface Change {

    /** Null when nothing can be done. */
    @Nullable Txn plan(State state, PartitionMove move);
  }

  private CompletionStage<Void> attempt(
      PartitionMove move, @Nullable State state, Change change, int attempt) {
    if (state == null || !stands(move, state.topic()) || attempt > MAX_ATTEMPTS) {
      return done();
    }
    var txn = change.plan(state, move);
    if (txn == null) {
      return done();
    }
    return store
        .txn(txn)
        .handleAsync(
            (result, failure) -> {
              if (failure != null) {
                return this.<Void>onFailed(failure);
              }
              if (result.held()) {
                expectShown(move);
                return done();
              }
              var defaults = images.current().topicDefaults();
              return attempt(move, state.after(result, defaults), change, attempt + 1);
            },
            lane)
        .thenCompose(Function.identity());
  }

  private static boolean stands(PartitionMove move, TopicImage topic) {
    return topic.id().equals(move.partition().topicId())
        && move.equals(moveOf(topic, move.partition().partition()));
  }

  private <T> CompletionStage<T> onFailed(Throwable failure) {
    var cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof Fault.Uncertain) {
      var unused = images.refresh();
    }
    return CompletableFuture.failedStage(cause);
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

  private static CompletionStage<Void> done() {
    return CompletableFuture.completedStage(null);
  }
}
