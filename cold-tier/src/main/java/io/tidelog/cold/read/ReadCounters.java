package io.tidelog.cold.read;

import java.util.concurrent.atomic.LongAdder;

/** Counts what reading does; any thread. */
final class ReadCounters {

  private final LongAdder chunkHits = new LongAdder();
  private final LongAdder chunkLoads = new LongAdder();
  private final LongAdder loadedBytes = new LongAdder();
  private final LongAdder failedLoads = new LongAdder();
  private final LongAdder damagedChunks = new LongAdder();
  private final LongAdder refusedLoads = new LongAdder();

  void onChunkHit() {
    chunkHits.increment();
  }

  void onChunkLoaded() {
    chunkLoads.increment();
  }

  void onLoaded(int bytes) {
    loadedBytes.add(bytes);
  }

  void onFailed() {
    failedLoads.increment();
  }

  void onDamaged() {
    damagedChunks.increment();
  }

  void onRefused() {
    refusedLoads.increment();
  }

  ColdReadStats stats(long cachedBytes, long bufferBytes) {
    return new ColdReadStats(
        chunkHits.sum(),
        chunkLoads.sum(),
        loadedBytes.sum(),
        failedLoads.sum(),
        damagedChunks.sum(),
        refusedLoads.sum(),
        cachedBytes,
        bufferBytes);
  }
}
