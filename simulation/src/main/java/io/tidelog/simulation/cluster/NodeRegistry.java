package io.tidelog.simulation.cluster;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.LogRegistry;
import io.tidelog.metadata.api.Subscription;
import io.tidelog.simulation.log.VirtualTime;
import io.tidelog.simulation.replica.SimRecordStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The records of all logs as one process knows them: from watches, from reading all now and then,
 * from the answers to its own calls. May be cut off from the store alone.
 */
final class NodeRegistry implements LogRegistry {

  private static final long RECONCILE_MS = 3_000;
  private static final long TIMEOUT_MS = 800;

  private final VirtualTime time;
  private final VirtualTime.Life life;
  private final Map<LogId, SimRecordStore> stores;
  private final Random random;
  private final List<Consumer<LogRecord>> listeners = new ArrayList<>();
  private final Map<LogId, LogRecord> known = new LinkedHashMap<>();
  private boolean isCut;

  NodeRegistry(
      VirtualTime time, VirtualTime.Life life, Map<LogId, SimRecordStore> stores, Random random) {
    this.time = time;
    this.life = life;
    this.stores = stores;
    this.random = random;
    reconcile();
  }

  private void reconcile() {
    if (!isCut) {
      stores.values().forEach(store -> store.read(record -> inLife(() -> learn(record))));
    }
    time.afterMs(RECONCILE_MS, life, this::reconcile);
  }

  void cut(boolean cut) {
    isCut = cut;
  }

  boolean isCut() {
    return isCut;
  }

  private void inLife(Runnable task) {
    time.at(time.monotonicNs(), life, task);
  }

  void onWatched(LogRecord record) {
    if (!isCut) {
      inLife(() -> learn(record));
    }
  }

  private void learn(LogRecord record) {
    var before = known.get(record.id());
    if (before == null || record.modRevision() > before.modRevision()) {
      known.put(record.id(), record);
      listeners.forEach(listener -> listener.accept(record));
    }
  }

  private SimRecordStore store(LogId log) {
    return Objects.requireNonNull(stores.get(log), log::toString);
  }

  @Override
  public @Nullable LogRecord find(LogId log) {
    return known.get(log);
  }

  @Override
  public Collection<LogRecord> all() {
    return List.copyOf(known.values());
  }

  @Override
  public Subscription onChange(Consumer<LogRecord> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public CompletionStage<@Nullable LogRecord> read(LogId log) {
    var read = new CompletableFuture<@Nullable LogRecord>();
    if (isCut) {
      time.afterMs(
          TIMEOUT_MS,
          life,
          () -> read.completeExceptionally(new Fault.Retriable("the store does not answer")));
    } else {
      store(log)
          .read(
              record ->
                  inLife(
                      () -> {
                        learn(record);
                        read.complete(record);
                      }));
    }
    return read;
  }

  /** While cut off, what is asked may arrive, but no answer does. */
  @Override
  public CompletionStage<LogRecord> propose(LogRecord next) {
    var proposed = new CompletableFuture<LogRecord>();
    var uncertain = new Fault.Uncertain("the store does not answer", null);
    if (isCut) {
      if (random.nextInt(4) == 0) {
        store(next.id()).propose(next, record -> {}, () -> {});
      }
      time.afterMs(TIMEOUT_MS, life, () -> proposed.completeExceptionally(uncertain));
      return proposed;
    }
    store(next.id())
        .propose(
            next,
            record ->
                inLife(
                    () -> {
                      learn(record);
                      proposed.complete(record);
                    }),
            () -> inLife(() -> proposed.completeExceptionally(uncertain)));
    return proposed;
  }
}
