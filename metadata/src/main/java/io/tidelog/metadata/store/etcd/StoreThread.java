package io.tidelog.metadata.store.etcd;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The store's own thread as a lane. What is posted after its end is dropped: all calls failed. */
final class StoreThread implements Lane {

  private final Clock clock;
  private final ScheduledThreadPoolExecutor thread;
  private volatile @Nullable Thread current;

  StoreThread(Clock clock) {
    this.clock = clock;
    this.thread = new ScheduledThreadPoolExecutor(1, this::start);
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  private Thread start(Runnable work) {
    var started = Thread.ofPlatform().name("metadata-etcd").daemon().unstarted(work);
    current = started;
    return started;
  }

  boolean isCurrent() {
    return Thread.currentThread().equals(current);
  }

  @Override
  public void execute(Runnable task) {
    executeAt(clock.monotonicNs(), task);
  }

  @Override
  public Runnable executeAt(long deadlineNs, Runnable task) {
    try {
      var scheduled = thread.schedule(task, deadlineNs - clock.monotonicNs(), TimeUnit.NANOSECONDS);
      return () -> scheduled.cancel(false);
    } catch (RejectedExecutionException ended) {
      return () -> {};
    }
  }

  /** Ends the thread after the task it runs and those posted before. */
  void end() {
    thread.shutdown();
  }

  void awaitEnd() {
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = thread.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
