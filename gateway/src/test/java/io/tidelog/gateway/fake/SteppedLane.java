package io.tidelog.gateway.fake;

import io.tidelog.core.Lane;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;

/** A lane that runs when a test says so, on the test's thread. */
public final class SteppedLane implements Lane {

  private final SteppedClock clock;
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final List<Timer> timers = new ArrayList<>();
  private long posts;

  public SteppedLane(SteppedClock clock) {
    this.clock = clock;
  }

  @Override
  public void execute(Runnable task) {
    posts++;
    tasks.add(task);
  }

  @Override
  public Runnable executeAt(long deadlineNs, Runnable task) {
    var timer = new Timer(deadlineNs, task);
    timers.add(timer);
    return () -> timers.remove(timer);
  }

  /** Runs what is there and what comes of it, and the timers that are due. */
  public boolean run() {
    boolean ran = false;
    while (true) {
      var due =
          timers.stream()
              .filter(timer -> timer.deadlineNs <= clock.monotonicNs())
              .min(Comparator.comparingLong(Timer::deadlineNs));
      due.ifPresent(
          timer -> {
            timers.remove(timer);
            tasks.add(timer.task);
          });
      var task = tasks.poll();
      if (task == null) {
        return ran;
      }
      ran = true;
      task.run();
    }
  }

  /** How often somebody posted since the start. */
  public long posts() {
    return posts;
  }

  public int timers() {
    return timers.size();
  }

  /** Runs lanes until none has anything left to do. */
  public static void settle(SteppedLane... lanes) {
    boolean ran = true;
    while (ran) {
      ran = false;
      for (var lane : lanes) {
        ran |= lane.run();
      }
    }
  }

  private record Timer(long deadlineNs, Runnable task) {
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }
}
