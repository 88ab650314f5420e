package io.tidelog.simulation.controller;

import io.tidelog.core.Fault;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import io.tidelog.metadata.image.Keys;
import io.tidelog.simulation.log.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The store as one process has it: calls fail before or after they are carried out, or are carried
 * out long after; ranges are old; watches delay and lose what they should tell.
 */
final class ProcessStore implements MetadataStore {

  private static final long NS_PER_MS = 1_000_000;
  private static final int TIMEOUT_MS = 800;

  private final Shared shared;
  private final VirtualTime.Life life;
  private final UUID incarnation;
  private final List<Watcher> watchers = new ArrayList<>();
  private final CompletableFuture<Fault> stopped = new CompletableFuture<>();
  private boolean isCut;

  /** What all processes share. */
  static final class Shared {
    final VirtualTime time;
    final VirtualTime.Life world;
    final Random random;
    final SimStore store;
    final ControllerHole hole;
    final TxnListener listener;
    int failPercent;
    int lossPercent;
    boolean readsStale;
    boolean isOut;

    Shared(
        VirtualTime time,
        VirtualTime.Life world,
        Random random,
        SimStore store,
        ControllerHole hole,
        TxnListener listener) {
      this.time = time;
      this.world = world;
      this.random = random;
      this.store = store;
      this.hole = hole;
      this.listener = listener;
    }
  }

  /** Told of what a process wanted, when it has been carried out. */
  interface TxnListener {

    /**
     * @param seat the controller's, as it was then
     */
    void onCarriedOut(Txn wanted, UUID incarnation, @Nullable Entry seat);
  }

  private record Watcher(String prefix, Executor lane, WatchListener listener) {}

  ProcessStore(Shared shared, VirtualTime.Life life, UUID incarnation) {
    this.shared = shared;
    this.life = life;
    this.incarnation = incarnation;
  }

  void cut(boolean cut) {
    isCut = cut;
  }

  private <T extends @Nullable Object> CompletionStage<T> call(boolean writes, Supplier<T> action) {
    var done = new CompletableFuture<T>();
    var random = shared.random;
    var time = shared.time;
    boolean isFailing = shared.isOut || isCut || random.nextInt(100) < shared.failPercent;
    if (isFailing) {
      if (writes && random.nextInt(3) == 0) {
        long lateMs = random.nextBoolean() ? random.nextInt(10) : random.nextInt(5_000);
        time.afterMs(lateMs, shared.world, () -> tryIt(action));
      }
      var uncertain = new Fault.Uncertain("the store does not answer", null);
      time.afterMs(random.nextInt(TIMEOUT_MS), life, () -> done.completeExceptionally(uncertain));
      return done;
    }
    time.at(
        time.monotonicNs() + latencyNs(),
        shared.world,
        () -> {
          try {
            var answer = action.get();
            time.at(time.monotonicNs() + latencyNs(), life, () -> done.complete(answer));
          } catch (Fault fault) {
            time.at(
                time.monotonicNs() + latencyNs(), life, () -> done.completeExceptionally(fault));
          }
        });
    return done;
  }

  private static void tryIt(Supplier<?> action) {
    try {
      var _ = action.get();
    } catch (Fault refused) {
      // nobody waits for it any more
    }
  }

  private long latencyNs() {
    return NS_PER_MS / 4 + shared.random.nextLong(4 * NS_PER_MS);
  }

  @Override
  @SuppressWarnings("NullAway") // a key that is not there is null, which Supplier cannot say
  public CompletionStage<@Nullable Entry> get(String key) {
    return call(false, () -> shared.store.get(key));
  }

  @Override
  public CompletionStage<RangeResult> range(String prefix, int limit, long atRevision) {
    return call(false, () -> shared.store.range(prefix, maybeOld(atRevision)));
  }

  private long maybeOld(long atRevision) {
    if (atRevision == NEWEST && shared.readsStale && shared.random.nextInt(8) == 0) {
      var kept = shared.store.revisions();
      return kept.get(shared.random.nextInt(kept.size()));
    }
    return atRevision;
  }

  @Override
  public CompletionStage<TxnResult> txn(Txn txn) {
    var sent = asSent(txn);
    return call(
        true,
        () -> {
          var seat = shared.store.get(Keys.CONTROLLER);
          var result = shared.store.txn(sent);
          if (result.held()) {
            shared.listener.onCarriedOut(txn, incarnation, seat);
          }
          return result;
        });
  }

  private Txn asSent(Txn txn) {
    boolean isController =
        txn.compares().stream()
            .anyMatch(
                compare ->
                    compare instanceof Txn.Compare.CreateRevision create
                        && create.key().equals(Keys.CONTROLLER)
                        && create.revision() > 0);
    if (isController && shared.hole == ControllerHole.UNFENCED) {
      return new Txn(
          txn.compares().stream().filter(c -> !c.key().equals(Keys.CONTROLLER)).toList(),
          txn.thenOps(),
          txn.elseOps());
    }
    if (isController && shared.hole == ControllerHole.SWAPPED_BLINDLY) {
      return new Txn(
          txn.compares().stream().filter(c -> c.key().equals(Keys.CONTROLLER)).toList(),
          txn.thenOps(),
          txn.elseOps());
    }
    return txn;
  }

  @Override
  public Watch watch(String prefix, long fromRevision, Executor lane, WatchListener listener) {
    var watcher = new Watcher(prefix, lane, listener);
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  /** The store has changed. */
  void onChanged(long revision, List<WatchEvent> events) {
    var random = shared.random;
    for (var watcher : List.copyOf(watchers)) {
      boolean isLost = isCut || shared.isOut || random.nextInt(100) < shared.lossPercent;
      var told = events.stream().filter(e -> e.key().startsWith(watcher.prefix())).toList();
      if (isLost || told.isEmpty()) {
        continue;
      }
      long lateMs = random.nextInt(10) == 0 ? random.nextInt(2_000) : random.nextInt(4);
      shared.time.afterMs(
          lateMs,
          life,
          () -> watcher.lane().execute(() -> watcher.listener().onEvents(revision, told)));
    }
  }

  @Override
  public CompletionStage<Long> grant(long ttlMs) {
    return call(true, () -> shared.store.grant(ttlMs, shared.time.monotonicNs()));
  }

  @Override
  public CompletionStage<Long> keepAliveOnce(long lease) {
    return call(true, () -> shared.store.keepAlive(lease, shared.time.monotonicNs()));
  }

  @Override
  public CompletionStage<Void> revoke(long lease) {
    return call(
            true,
            () -> {
              shared.store.revoke(lease);
              return true;
            })
        .thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Void> compact(long revision) {
    return call(true, () -> true).thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Fault> stopped() {
    return stopped;
  }

  @Override
  public void close() {}
}
