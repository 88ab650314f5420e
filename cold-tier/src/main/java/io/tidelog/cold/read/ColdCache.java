package io.tidelog.cold.read;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tidelog.core.Fault;
import io.tidelog.core.log.ColdObject;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Footers and chunks in memory, each loaded once however many ask for it, within one budget of
 * requests. What a reader gave up waiting for is loaded all the same and found by the next. Safe to
 * call from any thread; never blocks.
 */
final class ColdCache implements AutoCloseable {

  /** A chunk evicted between its load and its use is loaded again so often, then past the cache. */
  private static final int MAX_ATTEMPTS = 3;

  private record ChunkKey(String objectKey, int chunk) {}

  private final AsyncCache<String, IndexedObject> indexes;
  private final AsyncCache<ChunkKey, Chunk> chunks;
  private final ObjectLoader loader;
  private final LoadBudget budget;
  private final ReadCounters counters;

  ColdCache(ObjectLoader loader, LoadBudget budget, ReadCounters counters, ColdReadConfig config) {
    this.loader = loader;
    this.budget = budget;
    this.counters = counters;
    this.indexes =
        Caffeine.newBuilder()
            .maximumWeight(config.indexCacheBytes())
            .weigher((String key, IndexedObject index) -> index.weightBytes())
            .executor(Runnable::run)
            .buildAsync();
    this.chunks =
        Caffeine.newBuilder()
            .maximumWeight(config.cacheBytes())
            .weigher((ChunkKey key, Chunk chunk) -> chunk.weightBytes())
            .removalListener((key, chunk, cause) -> letGo(chunk))
            .executor(Runnable::run)
            .buildAsync();
  }

  private static void letGo(@Nullable Chunk chunk) {
    if (chunk != null) {
      chunk.release();
    }
  }

  /** Fails with a {@link Fault}. */
  CompletableFuture<IndexedObject> index(ColdObject object) {
    return indexes.get(
        object.key(), (key, executor) -> load(() -> loader.loadIndex(object), index -> {}));
  }

  /** A chunk held for the caller, who lets it go; fails with a {@link Fault}. */
  CompletableFuture<Chunk> chunk(IndexedObject index, int chunk) {
    return chunk(index, chunk, 1);
  }

  private CompletableFuture<Chunk> chunk(IndexedObject index, int chunk, int attempt) {
    if (attempt > MAX_ATTEMPTS) {
      return load(() -> loader.loadChunk(index, chunk), loaded -> {});
    }
    return cached(index, chunk)
        .thenCompose(
            found ->
                found.tryHold()
                    ? CompletableFuture.completedFuture(found)
                    : chunk(index, chunk, attempt + 1));
  }

  private CompletableFuture<Chunk> cached(IndexedObject index, int chunk) {
    var key = new ChunkKey(index.object().key(), chunk);
    var present = chunks.getIfPresent(key);
    if (present != null) {
      counters.onChunkHit();
      return present;
    }
    return chunks.get(
        key,
        (same, executor) ->
            load(
                () -> {
                  var loaded = loader.loadChunk(index, chunk);
                  // Held until everybody who waited has been told: the cache may let go at once.
                  if (!loaded.tryHold()) {
                    throw new IllegalStateException("a new chunk is held by nobody");
                  }
                  return loaded;
                },
                Chunk::release));
  }

  /** Loads what nobody waits for yet, if there is room for it. */
  boolean readAhead(IndexedObject index, int chunk) {
    var key = new ChunkKey(index.object().key(), chunk);
    if (chunks.getIfPresent(key) != null) {
      return true;
    }
    return budget.hasRoom() && !cached(index, chunk).isCompletedExceptionally();
  }

  /** The footer of an object that is read next, or null when there is no room to load it. */
  @Nullable CompletableFuture<IndexedObject> indexAhead(ColdObject object) {
    var present = indexes.getIfPresent(object.key());
    return present != null || !budget.hasRoom() ? present : index(object);
  }

  private <T> CompletableFuture<T> load(Supplier<T> loading, Consumer<T> afterwards) {
    var result = new CompletableFuture<T>();
    boolean accepted =
        budget.submit(
            () -> {
              try {
                T loaded = loading.get();
                result.complete(loaded);
                afterwards.accept(loaded);
              } catch (Throwable failure) { // whoever waits is told, whatever it was
                result.completeExceptionally(failure);
              }
            });
    if (!accepted) {
      counters.onRefused();
      result.completeExceptionally(new Fault.Retriable("too many cold reads wait"));
    }
    return result;
  }

  long cachedBytes() {
    return chunks
        .synchronous()
        .policy()
        .eviction()
        .map(eviction -> eviction.weightedSize().orElse(0))
        .orElse(0L);
  }

  @Override
  public void close() {
    chunks.synchronous().invalidateAll();
    indexes.synchronous().invalidateAll();
  }
}
