package io.tidelog.hot.segment;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * A stretch of the log in memory, from {@code baseLsn} to an end that the lane moves up. Its memory
 * is given back when the ring and all readers have let go.
 */
final class RingChunk extends Retained {

  final long baseLsn;
  private final ByteBuffer memory;
  private final Consumer<ByteBuffer> giveBack;
  private volatile long endLsn;

  RingChunk(long baseLsn, ByteBuffer memory, Consumer<ByteBuffer> giveBack) {
    this.baseLsn = baseLsn;
    this.endLsn = baseLsn;
    this.memory = memory;
    this.giveBack = giveBack;
  }

  long endLsn() {
    return endLsn;
  }

  void publish(long end) {
    endLsn = end;
  }

  /** Lane only: memory for {@code bytes} behind the end, or less. */
  ByteBuffer free(int bytes) {
    int used = (int) (endLsn - baseLsn);
    return memory.slice(used, Math.min(bytes, memory.capacity() - used));
  }

  int capacityBytes() {
    return memory.capacity();
  }

  /** Published bytes; for those who hold it. */
  ByteBuffer slice(long lsn, int sizeBytes) {
    return memory.slice((int) (lsn - baseLsn), sizeBytes);
  }

  @Override
  void onReleased() {
    giveBack.accept(memory);
  }
}
