package io.tidelog.cold.read;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tidelog.core.Fault;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A cache bounded by bytes, whose values are loaded once however many ask while they load. A value
 * nobody waits for any more is cached all the same; a failure is told to those who wait and then
 * forgotten. Safe to call from any thread; never blocks.
 *
 * <p>Not Caffeine's own asynchronous cache: that one logs a stack trace for each failed load, and
 * an object store has bad days.
 */
final class LoadOnce<K, V> {

  /** Who else may hold a value while the cache lets go of it. */
  record Holding<V>(Predicate<V> tryHold, Consumer<V> release) {
    static <V> Holding<V> byCollector() {
      return new Holding<>(value -> true, value -> {});
    }
  }

  /** A value evicted before it could be held is loaded again so often, then past the cache. */
  private static final int MAX_ATTEMPTS = 3;

  private final ConcurrentHashMap<K, CompletableFuture<V>> loading = new ConcurrentHashMap<>();
  private final Cache<K, V> cache;
  private final Holding<V> holding;
  private final LoadBudget budget;
  private final ReadCounters counters;

  LoadOnce(
      long maxBytes,
      ToIntFunction<V> weightBytes,
      Holding<V> holding,
      LoadBudget budget,
      ReadCounters counters) {
    this.holding = holding;
    this.budget = budget;
    this.counters = counters;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((K key, V value) -> weightBytes.applyAsInt(value))
            .removalListener((key, value, cause) -> letGo(value))
            .executor(Runnable::run)
            .build();
  }

  private void letGo(@Nullable V value) {
    if (value != null) {
      holding.release().accept(value);
    }
  }

  /** Whether it is there or being loaded. */
  boolean isPresent(K key) {
    return cache.getIfPresent(key) != null || loading.containsKey(key);
  }

  /**
   * The value, held for the caller; fails with a {@link Fault}.
   *
   * @param load blocks; gives a value that is held once
   */
  CompletableFuture<V> get(K key, Supplier<V> load) {
    return get(key, load, 1);
  }

  private CompletableFuture<V> get(K key, Supplier<V> load, int attempt) {
    var cached = cache.getIfPresent(key);
    if (cached != null && holding.tryHold().test(cached)) {
      return CompletableFuture.completedFuture(cached);
    }
    if (attempt > MAX_ATTEMPTS) {
      var alone = new CompletableFuture<V>();
      submit(alone, () -> complete(alone, load), () -> {});
      return alone;
    }
    return shared(key, load)
        .thenCompose(
            value ->
                holding.tryHold().test(value)
                    ? CompletableFuture.completedFuture(value)
                    : get(key, load, attempt + 1));
  }

  /** The value, not held: whoever wants it must still succeed in holding it. */
  private CompletableFuture<V> shared(K key, Supplier<V> load) {
    var mine = new CompletableFuture<V>();
    var others = loading.putIfAbsent(key, mine);
    if (others != null) {
      return others;
    }
    var cached = cache.getIfPresent(key); // loaded by another between the first look and now
    if (cached != null) {
      loading.remove(key);
      mine.complete(cached);
    } else {
      submit(mine, () -> loadAndCache(key, load, mine), () -> loading.remove(key));
    }
    return mine;
  }

  private void submit(CompletableFuture<V> result, Runnable task, Runnable onRefused) {
    if (!budget.submit(task)) {
      counters.onRefused();
      onRefused.run();
      result.completeExceptionally(new Fault.Retriable("too many cold reads wait"));
    }
  }

  private void loadAndCache(K key, Supplier<V> load, CompletableFuture<V> result) {
    V value;
    try {
      value = load.get();
      if (!holding.tryHold().test(value)) {
        throw new IllegalStateException("a new value is held by nobody");
      }
      cache.put(key, value);
    } catch (Throwable failure) { // whoever waits is told, whatever it was
      loading.remove(key);
      result.completeExceptionally(failure);
      return;
    }
    loading.remove(key);
    result.complete(value);
    // Held until everybody who waited was told: the cache may have let go at once.
    holding.release().accept(value);
  }

  private static <V> void complete(CompletableFuture<V> result, Supplier<V> load) {
    try {
      result.complete(load.get());
    } catch (Throwable failure) { // as above
      result.completeExceptionally(failure);
    }
  }

  long cachedBytes() {
    return cache.policy().eviction().map(eviction -> eviction.weightedSize().orElse(0)).orElse(0L);
  }

  void clear() {
    cache.invalidateAll();
  }
}
