package io.tidelog.cold.read;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many loads run at a time and so many wait, in order of arrival. Guards its own state;
 * safe to call from any thread and never blocks beyond a short lock.
 */
final class LoadBudget {

  private final Executor blocking;
  private final int maxRunning;
  private final int maxQueued;
  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Runnable> queued = new ArrayDeque<>();
  private int running;

  LoadBudget(Executor blocking, int maxRunning, int maxQueued) {
    this.blocking = blocking;
    this.maxRunning = maxRunning;
    this.maxQueued = maxQueued;
  }

  /**
   * Runs a load now or later on a thread that may block.
   *
   * @return false when too many wait, or no thread can be had; then it never runs
   */
  boolean submit(Runnable load) {
    lock.lock();
    try {
      if (running >= maxRunning) {
        return queued.size() < maxQueued && queued.add(load);
      }
      running++;
    } finally {
      lock.unlock();
    }
    return start(load);
  }

  /** Whether a load would run at once: only then may one be made that nobody waits for. */
  boolean hasRoom() {
    lock.lock();
    try {
      return running < maxRunning;
    } finally {
      lock.unlock();
    }
  }

  private boolean start(Runnable load) {
    try {
      blocking.execute(() -> runAll(load));
      return true;
    } catch (RejectedExecutionException e) {
      lock.lock();
      try {
        running--;
      } finally {
        lock.unlock();
      }
      return false;
    }
  }

  private void runAll(Runnable first) {
    for (Runnable next = first; next != null; next = nextOrEnd()) {
      next.run();
    }
  }

  private @Nullable Runnable nextOrEnd() {
    lock.lock();
    try {
      var next = queued.poll();
      if (next == null) {
        running--;
      }
      return next;
    } finally {
      lock.unlock();
    }
  }
}
