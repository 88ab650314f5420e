package io.tidelog.simulation.cluster;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.metadata.api.PartitionMove;
import io.tidelog.metadata.api.PartitionMoves;
import io.tidelog.metadata.api.Subscription;
import io.tidelog.simulation.log.VirtualTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Moves as one process knows them: from watches, from reading all now and then, and after what it
 * did itself. May be cut off from the store alone.
 */
final class NodeMoves implements PartitionMoves {

  private static final long RECONCILE_MS = 3_000;
  private static final long SHOWN_PAUSE_MS = 200;
  private static final long TIMEOUT_MS = 800;

  /** So long a mutant that has the source forget the partition waits until it is closed. */
  private static final long CLOSED_SOON_NS = 400_000_000;

  private final VirtualTime time;
  private final VirtualTime.Life life;
  private final SimMoveStore store;
  private final Random random;
  private final LogId self;
  private final ClusterMutant mutant;
  private final List<Runnable> listeners = new ArrayList<>();
  private final Set<PartitionMove> unswapped = new HashSet<>();
  private final Map<PartitionMove, Long> knownSinceNs = new HashMap<>();
  private SimMoveStore.Picture known;
  private boolean isCut;

  /**
   * @param self the log of the process
   */
  NodeMoves(ClusterNode.World world, VirtualTime.Life life, LogId self) {
    this.time = world.time();
    this.life = life;
    this.store = world.moves();
    this.random = world.random();
    this.self = self;
    this.mutant = world.mutant();
    this.known = store.now(); // read since the process started
    reconcile();
  }

  private void reconcile() {
    if (!isCut) {
      store.read(picture -> inLife(() -> learn(picture)), () -> {});
    }
    time.afterMs(RECONCILE_MS, life, this::reconcile);
  }

  void cut(boolean cut) {
    isCut = cut;
  }

  private void inLife(Runnable task) {
    time.at(time.monotonicNs(), life, task);
  }

  void onWatched(SimMoveStore.Picture picture) {
    if (!isCut) {
      inLife(() -> learn(picture));
    }
  }

  private void learn(SimMoveStore.Picture picture) {
    if (picture.revision() > known.revision()) {
      known = picture;
      List.copyOf(listeners).forEach(Runnable::run);
    }
  }

  @Override
  public Collection<PartitionMove> all() {
    return known.moves();
  }

  @Override
  public Standing standing(PartitionId partition) {
    var home = known.home(partition);
    var move = home.move();
    if (move != null && (unswapped.contains(move) || isForgottenEarly(home.log(), move))) {
      return new Standing(known.revision(), move.to(), home.baseEpoch() + 1_000, null);
    }
    return new Standing(known.revision(), home.log(), home.baseEpoch(), move);
  }

  private boolean isForgottenEarly(LogId home, PartitionMove move) {
    if (mutant != ClusterMutant.RELEASED_BEFORE_SWAP || !home.equals(self)) {
      return false;
    }
    long sinceNs = knownSinceNs.computeIfAbsent(move, same -> time.monotonicNs());
    return time.monotonicNs() - sinceNs > CLOSED_SOON_NS;
  }

  @Override
  public Subscription onChange(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public CompletionStage<Void> refresh() {
    var read = new CompletableFuture<Void>();
    Runnable failed =
        () -> read.completeExceptionally(new Fault.Retriable("the store does not answer"));
    if (isCut) {
      time.afterMs(TIMEOUT_MS, life, failed);
    } else {
      store.read(
          picture ->
              inLife(
                  () -> {
                    learn(picture);
                    read.complete(null);
                  }),
          () -> inLife(failed));
    }
    return read;
  }

  @Override
  public CompletionStage<Void> swapHome(PartitionMove move) {
    if (mutant == ClusterMutant.OPENED_BEFORE_SWAP) {
      unswapped.add(move);
      return CompletableFuture.completedStage(null);
    }
    return call(move, () -> store.swap(move));
  }

  @Override
  public CompletionStage<Void> cancel(PartitionMove move) {
    return call(move, () -> store.cancel(move));
  }

  /** While cut off, what is asked may arrive, but no answer does. */
  private CompletionStage<Void> call(PartitionMove move, Runnable transaction) {
    var done = new CompletableFuture<Void>();
    Runnable failed =
        () -> done.completeExceptionally(new Fault.Uncertain("the store does not answer", null));
    if (isCut) {
      if (random.nextInt(4) == 0) {
        store.call(transaction, () -> {}, () -> {});
      }
      time.afterMs(TIMEOUT_MS, life, failed);
      return done;
    }
    store.call(
        transaction,
        () ->
            inLife(
                () -> {
                  done.complete(null);
                  time.afterMs(SHOWN_PAUSE_MS, life, () -> readUnlessShown(move));
                }),
        () ->
            inLife(
                () -> {
                  var unused = refresh();
                  failed.run();
                }));
    return done;
  }

  /** The watch may have lost it. */
  private void readUnlessShown(PartitionMove move) {
    if (move.equals(known.home(move.partition()).move())) {
      var unused = refresh();
    }
  }
}
