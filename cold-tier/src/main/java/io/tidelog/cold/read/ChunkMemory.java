package io.tidelog.cold.read;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Direct buffers for chunks, so that a chunk goes from here to a socket without another copy. They
 * come in powers of two and are used again: direct memory that waits for the garbage collector is
 * memory nobody counts. Buffers above the greatest size are left to the collector. Safe to call
 * from any thread.
 */
final class ChunkMemory {

  private static final int MIN_SIZE_SHIFT = 12;
  private static final int SIZES = 13;
  private static final int MAX_POOLED_BYTES = 1 << (MIN_SIZE_SHIFT + SIZES - 1);

  private final ConcurrentLinkedQueue<ByteBuffer>[] spare;
  private final AtomicLong spareBytes = new AtomicLong();
  private final AtomicLong takenBytes = new AtomicLong();
  private final long maxSpareBytes;

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
  ChunkMemory(long maxSpareBytes) {
    this.maxSpareBytes = maxSpareBytes;
    this.spare = new ConcurrentLinkedQueue[SIZES];
    for (int i = 0; i < SIZES; i++) {
      spare[i] = new ConcurrentLinkedQueue<>();
    }
  }

  /** A buffer of exactly this limit; given back with {@link #giveBack}, once. */
  ByteBuffer take(int sizeBytes) {
    var buffer = sizeBytes > MAX_POOLED_BYTES ? null : spare[sizeOf(sizeBytes)].poll();
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(capacityFor(sizeBytes));
    } else {
      spareBytes.addAndGet(-buffer.capacity());
    }
    takenBytes.addAndGet(buffer.capacity());
    return buffer.clear().limit(sizeBytes);
  }

  void giveBack(ByteBuffer buffer) {
    int capacity = buffer.capacity();
    takenBytes.addAndGet(-capacity);
    if (capacity > MAX_POOLED_BYTES) {
      return;
    }
    if (spareBytes.addAndGet(capacity) > maxSpareBytes) {
      spareBytes.addAndGet(-capacity);
      return;
    }
    spare[sizeOf(capacity)].add(buffer);
  }

  /** Direct memory of buffers taken and not given back. */
  long takenBytes() {
    return takenBytes.get();
  }

  private static int capacityFor(int sizeBytes) {
    return sizeBytes > MAX_POOLED_BYTES ? sizeBytes : 1 << (sizeOf(sizeBytes) + MIN_SIZE_SHIFT);
  }

  private static int sizeOf(int bytes) {
    int shift = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, bytes) - 1);
    return Math.max(0, shift - MIN_SIZE_SHIFT);
  }
}
