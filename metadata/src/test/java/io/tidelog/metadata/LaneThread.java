package io.tidelog.metadata;

import io.tidelog.core.Lane;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A lane on a thread of its own, for tests against a store that has one too. */
public final class LaneThread implements Lane, AutoCloseable {

  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();

  @Override
  public void execute(Runnable task) {
    thread.execute(task);
  }

  @Override
  public Runnable executeAt(long deadlineNs, Runnable task) {
    var scheduled = thread.schedule(task, deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
