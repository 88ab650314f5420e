package io.tidelog.hot.segment;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The most recent bytes of the log in direct memory. The lane encodes each write group into it,
 * writes the file from it, and publishes it; readers on any thread hold slices of it, and what they
 * hold is not used again. When readers hold too much, new groups go through one unpublished scratch
 * buffer, and are read from the file.
 */
public final class TailRing {

  private final int ringBytes;
  private final int chunkBytes;
  private final long maxAllocatedBytes;
  private final ConcurrentLinkedQueue<ByteBuffer> free = new ConcurrentLinkedQueue<>();
  private final AtomicLong allocatedBytes = new AtomicLong();

  /** Oldest first. */
  private volatile List<RingChunk> chunks = List.of();

  // The lane's own.
  private @Nullable RingChunk current;
  private @Nullable ByteBuffer scratch;

  public TailRing(SegmentConfig config) {
    this.ringBytes = config.ringBytes();
    this.chunkBytes = config.ringChunkBytes();
    this.maxAllocatedBytes = (long) config.ringBytes() + config.ringPinnedBytes();
  }

  /**
   * Lane: gives memory for a write group of up to {@code bytes} that begins at {@code lsn}, valid
   * until the next call. What was reserved before and not published is forgotten.
   */
  ByteBuffer reserve(int bytes, long lsn) {
    var chunk = current;
    if (chunk == null || chunk.endLsn() != lsn || chunk.free(bytes).capacity() < bytes) {
      chunk = begin(bytes, lsn);
      current = chunk;
    }
    return chunk == null ? scratch(bytes) : chunk.free(bytes);
  }

  private @Nullable RingChunk begin(int bytes, long lsn) {
    evict(bytes);
    var memory = memory(bytes);
    if (memory == null) {
      return null;
    }
    var chunk = new RingChunk(lsn, memory, this::takeBack);
    var more = new ArrayList<>(chunks);
    more.removeIf(old -> old.endLsn() == old.baseLsn && letGo(old));
    more.add(chunk);
    chunks = List.copyOf(more);
    return chunk;
  }

  private static boolean letGo(RingChunk chunk) {
    chunk.release();
    return true;
  }

  /** Lets go of the oldest chunks until another of this size fits into the ring. */
  private void evict(int bytes) {
    var kept = new ArrayList<>(chunks);
    long total = kept.stream().mapToLong(RingChunk::capacityBytes).sum();
    long room = ringBytes - (long) Math.max(bytes, chunkBytes);
    List<RingChunk> gone = new ArrayList<>();
    while (!kept.isEmpty() && total > room) {
      var oldest = kept.removeFirst();
      total -= oldest.capacityBytes();
      gone.add(oldest);
    }
    chunks = List.copyOf(kept);
    gone.forEach(RingChunk::release);
  }

  private @Nullable ByteBuffer memory(int bytes) {
    var pooled = bytes <= chunkBytes ? free.poll() : null;
    if (pooled != null) {
      return pooled;
    }
    int size = Math.max(bytes, chunkBytes);
    if (allocatedBytes.addAndGet(size) > maxAllocatedBytes) {
      allocatedBytes.addAndGet(-size);
      return null;
    }
    return ByteBuffer.allocateDirect(size);
  }

  private void takeBack(ByteBuffer memory) {
    if (memory.capacity() == chunkBytes) {
      free.add(memory);
    } else {
      allocatedBytes.addAndGet(-memory.capacity());
    }
  }

  private ByteBuffer scratch(int bytes) {
    var present = scratch;
    if (present == null || present.capacity() < bytes) {
      present = ByteBuffer.allocateDirect(Math.max(bytes, chunkBytes));
      scratch = present;
    }
    return present.slice(0, bytes);
  }

  /** Lane: the reserved group was written and ends at {@code endLsn}; readers may see it. */
  void publish(long endLsn) {
    var chunk = current;
    if (chunk != null) {
      chunk.publish(endLsn);
    }
  }

  /** The chunk that holds the bytes, held for the caller; null when they are not in memory. */
  @Nullable RingChunk retain(long lsn, int sizeBytes) {
    var now = chunks;
    for (int i = now.size() - 1; i >= 0; i--) {
      var chunk = now.get(i);
      if (chunk.baseLsn <= lsn) {
        return lsn + sizeBytes <= chunk.endLsn() && chunk.tryRetain() ? chunk : null;
      }
    }
    return null;
  }

  /** First LSN that may still be in memory, or {@link Long#MAX_VALUE} when nothing is. */
  long startLsn() {
    var now = chunks;
    return now.isEmpty() ? Long.MAX_VALUE : now.getFirst().baseLsn;
  }

  /** Memory held now, by the ring and by readers. */
  public long allocatedBytes() {
    return allocatedBytes.get();
  }
}
