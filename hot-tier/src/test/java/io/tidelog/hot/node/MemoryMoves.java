package io.tidelog.hot.node;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.metadata.api.PartitionMove;
import io.tidelog.metadata.api.PartitionMoves;
import io.tidelog.metadata.api.Subscription;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Homes and moves of partitions in memory, on which all who hold it agree. */
final class MemoryMoves implements PartitionMoves {

  private record Home(LogId log, int baseEpoch, @Nullable PartitionMove move) {}

  private final ConcurrentHashMap<PartitionId, Home> homes = new ConcurrentHashMap<>();
  private final MemoryRegistry registry;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final AtomicLong revision = new AtomicLong(1_000);

  MemoryMoves(MemoryRegistry registry) {
    this.registry = registry;
  }

  void create(PartitionId id, LogId home) {
    homes.put(id, new Home(home, 0, null));
  }

  void delete(PartitionId id) {
    homes.remove(id);
    changed();
  }

  LogId home(PartitionId id) {
    return homes.get(id).log();
  }

  /** Unless it moves already. */
  void begin(PartitionId id, LogId to) {
    homes.computeIfPresent(
        id,
        (same, now) ->
            now.move() != null || now.log().equals(to)
                ? now
                : new Home(
                    now.log(),
                    now.baseEpoch(),
                    new PartitionMove(id, revision.incrementAndGet(), now.log(), to)));
    changed();
  }

  private void changed() {
    revision.incrementAndGet();
    listeners.forEach(Runnable::run);
  }

  /** How many are told of changes. */
  int listeners() {
    return listeners.size();
  }

  @Override
  public Collection<PartitionMove> all() {
    return homes.values().stream().map(Home::move).filter(move -> move != null).toList();
  }

  @Override
  public Standing standing(PartitionId id) {
    long seen = revision.get();
    var now = homes.get(id);
    return now == null
        ? new Standing(seen, null, 0, null)
        : new Standing(seen, now.log(), now.baseEpoch(), now.move());
  }

  @Override
  public Subscription onChange(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public CompletionStage<Void> refresh() {
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<Void> swapHome(PartitionMove move) {
    homes.computeIfPresent(
        move.partition(),
        (id, now) -> {
          if (!move.equals(now.move())) {
            return now;
          }
          long seen = now.baseEpoch() + registry.find(move.from()).term();
          long base = Math.max(0, seen + 1 - registry.find(move.to()).term());
          return new Home(move.to(), (int) base, null);
        });
    changed();
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<Void> cancel(PartitionMove move) {
    homes.computeIfPresent(
        move.partition(),
        (id, now) -> move.equals(now.move()) ? new Home(now.log(), now.baseEpoch(), null) : now);
    changed();
    return CompletableFuture.completedStage(null);
  }
}
