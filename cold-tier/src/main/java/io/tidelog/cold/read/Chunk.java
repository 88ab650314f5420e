package io.tidelog.cold.read;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Some index entries' batches in memory, checked against their checksums. Counted: the cache holds
 * it once and each reader once; the last to let go gives the memory back. Safe to share.
 */
final class Chunk {

  private final long position;
  private final ByteBuffer bytes;
  private final ChunkMemory memory;
  private final AtomicInteger holds = new AtomicInteger(1);

  /** Takes the buffer; holds it once for the caller. */
  Chunk(long position, ByteBuffer bytes, ChunkMemory memory) {
    this.position = position;
    this.bytes = bytes;
    this.memory = memory;
  }

  /** Holds it once more, unless everybody has let go already. */
  boolean tryHold() {
    int now = holds.get();
    while (now > 0) {
      if (holds.compareAndSet(now, now + 1)) {
        return true;
      }
      now = holds.get();
    }
    return false;
  }

  void release() {
    int left = holds.decrementAndGet();
    if (left == 0) {
      memory.giveBack(bytes);
    } else if (left < 0) {
      throw new IllegalStateException("a chunk was let go more often than held");
    }
  }

  /** What it takes of memory. */
  int weightBytes() {
    return bytes.capacity();
  }

  /** Bytes of the object from one place to another; lent as long as the chunk is held. */
  ByteBuffer slice(long from, long end) {
    return bytes.slice((int) (from - position), (int) (end - from));
  }
}
