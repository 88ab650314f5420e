package io.tidelog.gateway.net;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that the requests of all connections may take. Shared by every event loop, hence
 * atomic: a count and a line of connections that wait for room.
 */
final class RequestMemory {

  private final long limitBytes;
  private final AtomicLong usedBytes = new AtomicLong();
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

  RequestMemory(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  long limitBytes() {
    return limitBytes;
  }

  boolean tryReserve(long bytes) {
    while (true) {
      long used = usedBytes.get();
      if (used + bytes > limitBytes) {
        return false;
      }
      if (usedBytes.compareAndSet(used, used + bytes)) {
        return true;
      }
    }
  }

  /** Gives back; then whoever waits tries again. */
  void release(long bytes) {
    usedBytes.addAndGet(-bytes);
    for (int i = waiting.size(); i > 0; i--) { // those that come back in line wait for the next
      var retry = waiting.poll();
      if (retry != null) {
        retry.run();
      }
    }
  }

  /**
   * Calls {@code retry} once after the next release; it only posts to its own lane. The caller
   * tries once more after this call, since room may have come just before it.
   */
  void awaitRelease(Runnable retry) {
    waiting.add(retry);
  }

  /** Whether somebody waits for room. */
  boolean isShort() {
    return !waiting.isEmpty();
  }

  long usedBytes() {
    return usedBytes.get();
  }
}
