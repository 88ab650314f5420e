package io.tidelog.app.node;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A lane on a daemon thread of its own. What is posted after the close is dropped. */
final class ThreadLane implements Lane, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ThreadLane.class);
  private static final long CLOSE_TIMEOUT_MS = 5_000;

  private final String name;
  private final Clock clock;
  private final ScheduledThreadPoolExecutor thread;

  ThreadLane(String name, Clock clock) {
    this.name = name;
    this.clock = clock;
    this.thread =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name(name).daemon(true).factory(), (task, pool) -> {});
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public void execute(Runnable task) {
    thread.execute(() -> supervised(task));
  }

  @Override
  public Runnable executeAt(long deadlineNs, Runnable task) {
    long delayNs = Math.max(0, deadlineNs - clock.monotonicNs());
    var timer = thread.schedule(() -> supervised(task), delayNs, TimeUnit.NANOSECONDS);
    return () -> timer.cancel(false);
  }

  private void supervised(Runnable task) {
    try {
      task.run();
    } catch (Throwable failure) { // the outermost loop of a lane
      LOG.error("task failed, lane={}", name, failure);
    }
  }

  /** Runs what was posted, then ends the thread. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
        LOG.warn("lane did not end in time, lane={}", name);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
