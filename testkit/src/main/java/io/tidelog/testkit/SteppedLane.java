package io.tidelog.testkit;

import io.tidelog.core.Lane;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * A lane that runs on the test's own thread, and only when stepped: what was posted in order, then
 * the timers whose time has come on a {@link ManualClock}.
 */
public final class SteppedLane implements Lane {

  private record Timer(long deadlineNs, long order, Runnable task) {}

  private final ManualClock clock;
  private final Queue<Runnable> posted = new ArrayDeque<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(
          Comparator.comparingLong(Timer::deadlineNs).thenComparingLong(Timer::order));
  private long timerCount;

  public SteppedLane(ManualClock clock) {
    this.clock = clock;
  }

  @Override
  public void execute(Runnable task) {
    posted.add(task);
  }

  @Override
  public Runnable executeAt(long deadlineNs, Runnable task) {
    var timer = new Timer(deadlineNs, timerCount++, task);
    timers.add(timer);
    return () -> timers.remove(timer);
  }

  /** Runs everything that can run now, and what that posts. */
  public void runReady() {
    while (true) {
      var task = posted.poll();
      if (task == null) {
        var timer = timers.peek();
        if (timer == null || timer.deadlineNs() > clock.monotonicNs()) {
          return;
        }
        task = timers.remove().task();
      }
      task.run();
    }
  }

  /** Moves the clock from timer to timer until {@code ms} have passed, running what is due. */
  public void runForMs(long ms) {
    long endNs = clock.monotonicNs() + ms * 1_000_000;
    runReady();
    while (!timers.isEmpty() && timers.peek().deadlineNs() <= endNs) {
      long aheadNs = timers.peek().deadlineNs() - clock.monotonicNs();
      clock.advanceMs(Math.max(0, Math.ceilDiv(aheadNs, 1_000_000)));
      runReady();
    }
    clock.advanceMs(Math.max(0, (endNs - clock.monotonicNs()) / 1_000_000));
    runReady();
  }
}
