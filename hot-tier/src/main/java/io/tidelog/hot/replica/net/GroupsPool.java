package io.tidelog.hot.replica.net;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.MpmcArrayQueue;

/**
 * Memory for received write groups, used again when it is given back. Any thread may call it.
 *
 * <p>A buffer that is never given back is collected like any other: giving back saves zeroing new
 * memory and waiting for a collection to return it, and nothing depends on it.
 */
final class GroupsPool {

  /** Keeps nothing. */
  static final GroupsPool NONE = new GroupsPool(0);

  /** Smaller groups lie on the heap: there new memory costs next to nothing. */
  static final int MIN_POOLED_BYTES = 64 << 10;

  /** The leader aims at groups no larger than this. */
  static final int MAX_POOLED_BYTES = 4 << 20;

  private static final int MIN_QUEUE = 2;

  private final long limitBytes;
  private final AtomicLong pooledBytes = new AtomicLong();

  /** Of one capacity each: {@link #MIN_POOLED_BYTES} and its doubles. */
  private final List<MpmcArrayQueue<ByteBuffer>> free = new ArrayList<>();

  /**
   * @param limitBytes of buffers kept to be used again
   */
  GroupsPool(long limitBytes) {
    this.limitBytes = limitBytes;
    for (int bytes = MIN_POOLED_BYTES; bytes <= MAX_POOLED_BYTES; bytes *= 2) {
      free.add(new MpmcArrayQueue<>((int) Math.max(MIN_QUEUE, limitBytes / bytes)));
    }
  }

  /** Gives a buffer whose position is 0 and whose limit is {@code bytes}; what is in it varies. */
  ByteBuffer take(int bytes) {
    if (bytes < MIN_POOLED_BYTES) {
      return ByteBuffer.allocate(bytes);
    }
    if (bytes > MAX_POOLED_BYTES) {
      return ByteBuffer.allocateDirect(bytes);
    }
    int order = order(bytes);
    var buffer = free.get(order).poll();
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(MIN_POOLED_BYTES << order);
    } else {
      pooledBytes.addAndGet(-buffer.capacity());
    }
    return buffer.clear().limit(bytes);
  }

  /** Takes a buffer that {@link #take} gave; any other is left to the collector. */
  void giveBack(ByteBuffer buffer) {
    int bytes = buffer.capacity();
    boolean isPooled =
        buffer.isDirect()
            && !buffer.isReadOnly()
            && bytes >= MIN_POOLED_BYTES
            && bytes <= MAX_POOLED_BYTES
            && Integer.bitCount(bytes) == 1;
    if (!isPooled) {
      return;
    }
    boolean isKept =
        pooledBytes.addAndGet(bytes) <= limitBytes && free.get(order(bytes)).offer(buffer);
    if (!isKept) {
      pooledBytes.addAndGet(-bytes);
    }
  }

  long pooledBytes() {
    return pooledBytes.get();
  }

  /** The least for which {@link #MIN_POOLED_BYTES} times two to it is enough. */
  private static int order(int bytes) {
    return Integer.SIZE - Integer.numberOfLeadingZeros((bytes - 1) / MIN_POOLED_BYTES);
  }
}
