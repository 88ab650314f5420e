package io.tidelog.cold.read;

import io.tidelog.core.log.ColdObject;
import java.util.concurrent.CompletableFuture;

/**
 * Footers and chunks in memory, loaded within one budget of requests. Safe to call from any thread;
 * never blocks.
 */
final class ColdCache implements AutoCloseable {

  private record ChunkKey(String objectKey, int chunk) {}

  private final LoadOnce<String, IndexedObject> indexes;
  private final LoadOnce<ChunkKey, Chunk> chunks;
  private final ObjectLoader loader;
  private final LoadBudget budget;
  private final ReadCounters counters;

  ColdCache(ObjectLoader loader, LoadBudget budget, ReadCounters counters, ColdReadConfig config) {
    this.loader = loader;
    this.budget = budget;
    this.counters = counters;
    this.indexes =
        new LoadOnce<>(
            config.indexCacheBytes(),
            IndexedObject::weightBytes,
            LoadOnce.Holding.byCollector(),
            budget,
            counters);
    this.chunks =
        new LoadOnce<>(
            config.cacheBytes(),
            Chunk::weightBytes,
            new LoadOnce.Holding<>(Chunk::tryHold, Chunk::release),
            budget,
            counters);
  }

  /** Fails with a {@link io.tidelog.core.Fault}. */
  CompletableFuture<IndexedObject> index(ColdObject object) {
    return indexes.get(object.key(), () -> loader.loadIndex(object));
  }

  /** A chunk held for the caller, who lets it go; fails with a {@link io.tidelog.core.Fault}. */
  CompletableFuture<Chunk> chunk(IndexedObject index, int chunk) {
    var key = new ChunkKey(index.object().key(), chunk);
    if (chunks.isPresent(key)) {
      counters.onChunkHit();
    }
    return chunks.get(key, () -> loader.loadChunk(index, chunk));
  }

  /**
   * Loads a chunk nobody waits for yet.
   *
   * @return false when there is no room to load it
   */
  boolean readAhead(IndexedObject index, int chunk) {
    if (chunks.isPresent(new ChunkKey(index.object().key(), chunk))) {
      return true;
    }
    if (!budget.hasRoom()) {
      return false;
    }
    var _ = chunk(index, chunk).thenAccept(Chunk::release);
    return true;
  }

  /** Whether the footer of an object is there, or may be loaded though nobody waits for it. */
  boolean mayReadAhead(ColdObject object) {
    return indexes.isPresent(object.key()) || budget.hasRoom();
  }

  long cachedBytes() {
    return chunks.cachedBytes();
  }

  @Override
  public void close() {
    chunks.clear();
    indexes.clear();
  }
}
