package io.tidelog.metadata;

import io.tidelog.core.Lane;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A lane on a thread of its own, for tests against a store that has one too. */
public final class LaneThread implements Lane, AutoCloseable {

  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();

  private volatile boolean dead;

  /** Runs nothing any more, as a process that was killed; whoever posts to it notices nothing. */
  public void kill() {
    dead = true;
  }

  @Override
  public void execute(Runnable task) {
    thread.execute(unlessDead(task));
  }

  private Runnable unlessDead(Runnable task) {
    return () -> {
      if (!dead) {
        task.run();
      }
    };
  }

  @Override
  public Runnable executeAt(long deadlineNs, Runnable task) {
    var scheduled =
        thread.schedule(unlessDead(task), deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
