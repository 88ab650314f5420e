package io.tidelog.hot.runtime;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** The timers of a lane, owned by it; only {@link Timer#cancel} may be called by any thread. */
final class LaneTimers {

  /** No timer. */
  static final long NEVER = Long.MAX_VALUE;

  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(
          Comparator.<Timer>comparingLong(t -> t.deadlineNs).thenComparingLong(t -> t.number));
  private long count;

  /** A task and when it may run, in ns after the lane's origin, so that times compare. */
  static final class Timer implements Runnable {
    private final long deadlineNs;
    private long number;
    private volatile @Nullable Runnable task;

    Timer(long deadlineNs, Runnable task) {
      this.deadlineNs = deadlineNs;
      this.task = task;
    }

    void cancel() {
      task = null;
    }

    private boolean isCancelled() {
      return task == null;
    }

    @Override
    public void run() {
      var now = task;
      if (now != null) {
        now.run();
      }
    }
  }

  void add(Timer timer) {
    timer.number = count++;
    timers.add(timer);
  }

  /** Takes out the earliest one that is due. */
  @Nullable Timer poll(long nowNs) {
    return nextDeadlineNs() <= nowNs ? timers.poll() : null;
  }

  /** When the earliest one is due, or {@link #NEVER}; cancelled ones are forgotten. */
  long nextDeadlineNs() {
    var earliest = timers.peek();
    while (earliest != null && earliest.isCancelled()) {
      timers.remove();
      earliest = timers.peek();
    }
    return earliest == null ? NEVER : earliest.deadlineNs;
  }
}
