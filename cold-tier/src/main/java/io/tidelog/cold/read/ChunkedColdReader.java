package io.tidelog.cold.read;

import io.tidelog.cold.store.ObjectStore;
import io.tidelog.core.Clock;
import io.tidelog.core.log.ColdReader;
import io.tidelog.core.log.ColdReference;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadCompletion;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.TimeRequest;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Reads offloaded records through a cache of chunks, each checked against the checksums of the
 * object's index when it is loaded. Has its own budget of requests to the store, so that those who
 * read history do not slow anybody else. Safe to call from any thread; never blocks.
 *
 * <p>Completes inside the call when everything was in memory, else on a thread of {@code blocking}.
 */
public final class ChunkedColdReader implements ColdReader, AutoCloseable {

  private final ReadCounters counters = new ReadCounters();
  private final ChunkMemory memory;
  private final ColdCache cache;
  private final ReadAhead readAhead;

  /**
   * @param blocking runs each task on a thread of its own that may block
   */
  public ChunkedColdReader(
      ObjectStore store, ColdReadConfig config, Executor blocking, Clock clock) {
    this.memory = new ChunkMemory(config.readAheadBytes() + config.chunkBytes());
    var loader =
        new ObjectLoader(store, memory, counters, new LoadFailureLog(clock), config.chunkBytes());
    var budget = new LoadBudget(blocking, config.concurrentLoads(), config.queuedLoads());
    this.cache = new ColdCache(loader, budget, counters, config);
    this.readAhead = new ReadAhead(cache, config);
  }

  @Override
  public void read(
      ReadRequest request,
      PartitionSnapshot at,
      List<ColdReference> references,
      ReadCompletion completion) {
    new ColdRead(request, at, List.copyOf(references), cache, readAhead, completion).run();
  }

  @Override
  public void findByTime(
      TimeRequest request,
      PartitionSnapshot at,
      List<ColdReference> references,
      ReadCompletion completion) {
    new ColdTimeSearch(request, at, List.copyOf(references), cache, completion).run();
  }

  public ColdReadStats stats() {
    return counters.stats(cache.cachedBytes(), memory.takenBytes());
  }

  /** Empties the cache; reads under way end as they would. */
  @Override
  public void close() {
    cache.close();
  }
}
