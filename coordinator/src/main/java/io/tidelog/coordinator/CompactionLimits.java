package io.tidelog.coordinator;

/**
 * How far an internal partition may grow and how much is read at once to shrink it.
 *
 * @param garbageBytes a partition may carry this much garbage, or as much as it has live records,
 *     whichever is more
 * @param chunkBytes least read of the head at once
 * @param maxChunkBytes most read of the head at once
 */
record CompactionLimits(long garbageBytes, int chunkBytes, int maxChunkBytes) {

  static final long DEFAULT_GARBAGE_BYTES = 1 << 20;
  static final int DEFAULT_CHUNK_BYTES = 64 << 10;
  static final int DEFAULT_MAX_CHUNK_BYTES = 1 << 20;

  CompactionLimits {
    if (garbageBytes < 0 || chunkBytes < 1 || maxChunkBytes < chunkBytes) {
      throw new IllegalArgumentException(
          "garbage " + garbageBytes + ", chunk " + chunkBytes + " to " + maxChunkBytes);
    }
  }
}
