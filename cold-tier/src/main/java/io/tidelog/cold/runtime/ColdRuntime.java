package io.tidelog.cold.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lane, and as many virtual threads as there is blocking work: those who give the work out keep
 * it within their limits. Nothing here keeps a process alive.
 */
public final class ColdRuntime implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ColdRuntime.class);

  private final Clock clock;
  private final ScheduledThreadPoolExecutor laneThread;
  private final ColdLane lane = new ColdLane();

  public ColdRuntime(Clock clock) {
    this.clock = clock;
    this.laneThread =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("cold-lane").daemon(true).factory(), (task, pool) -> {});
    laneThread.setRemoveOnCancelPolicy(true);
    laneThread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  public Lane lane() {
    return lane;
  }

  /** Starts a virtual thread for each task. */
  public Executor blocking() {
    return task -> Thread.ofVirtual().name("cold-io").start(task);
  }

  /** What is posted after this is forgotten. */
  @Override
  public void close() {
    laneThread.shutdown();
  }

  private final class ColdLane implements Lane {

    @Override
    public void execute(Runnable task) {
      laneThread.execute(() -> supervised(task));
    }

    @Override
    public Runnable executeAt(long deadlineNs, Runnable task) {
      long delayNs = Math.max(0, deadlineNs - clock.monotonicNs());
      var timer = laneThread.schedule(() -> supervised(task), delayNs, TimeUnit.NANOSECONDS);
      return () -> timer.cancel(false);
    }

    private void supervised(Runnable task) {
      try {
        task.run();
      } catch (Throwable failure) { // the outermost loop of a lane
        LOG.error("task of the cold lane failed", failure);
      }
    }
  }
}
