package io.tidelog.cold.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lane, and as many virtual threads as there is blocking work: those who give the work out keep
 * it within their limits. Nothing here keeps a process alive, and {@link #close} leaves nothing
 * running.
 */
public final class ColdRuntime implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ColdRuntime.class);
  private static final long NS_PER_MS = 1_000_000;

  /** How long the lane, and then what blocks, may take to end. */
  private static final long CLOSE_TIMEOUT_MS = 5_000;

  private final Clock clock;
  private final Set<Thread> working = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor laneThread;
  private final ColdLane lane = new ColdLane();

  /** Guards {@link #isClosed}: nothing is added to {@link #working} after it. */
  private final ReentrantLock lock = new ReentrantLock();

  private boolean isClosed;

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

  /** Starts a virtual thread for each task; rejects it after {@link #close}. */
  public Executor blocking() {
    return this::work;
  }

  private void work(Runnable task) {
    var thread =
        Thread.ofVirtual()
            .name("cold-io")
            .unstarted(
                () -> {
                  try {
                    task.run();
                  } finally {
                    working.remove(Thread.currentThread());
                  }
                });
    lock.lock();
    try {
      if (isClosed) {
        throw new RejectedExecutionException("the cold tier is closed");
      }
      working.add(thread);
      thread.start();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs what was posted to the lane, forgets what is posted after this, interrupts what blocks and
   * waits for its end: an upload that is cut short takes back what it has left in the store.
   */
  @Override
  public void close() {
    lock.lock();
    isClosed = true;
    lock.unlock();
    laneThread.shutdown();
    long deadlineNs = clock.monotonicNs() + CLOSE_TIMEOUT_MS * NS_PER_MS;
    try {
      if (!laneThread.awaitTermination(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
        LOG.warn("the cold lane did not end in time");
      }
      working.forEach(Thread::interrupt);
      for (var thread : working) {
        if (!thread.join(Duration.ofNanos(Math.max(0, deadlineNs - clock.monotonicNs())))) {
          LOG.warn("work with the object store did not end in time");
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
