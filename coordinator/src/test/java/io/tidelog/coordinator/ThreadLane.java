package io.tidelog.coordinator;

import io.tidelog.core.Clock;
import io.tidelog.core.Lane;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A lane that is a thread, for tests beside Kafka's own threads. */
final class ThreadLane implements Lane, AutoCloseable {

  static final Clock CLOCK =
      new Clock() {
        @Override
        public long wallMs() {
          return System.currentTimeMillis();
        }

        @Override
        public long monotonicNs() {
          return System.nanoTime();
        }
      };

  private final ScheduledExecutorService thread;

  ThreadLane(String name) {
    thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name(name).daemon(true).factory());
  }

  @Override
  public void execute(Runnable task) {
    try {
      thread.execute(() -> run(task));
    } catch (RejectedExecutionException e) {
      // Closed: nothing is done any more.
    }
  }

  @Override
  public Runnable executeAt(long deadlineNs, Runnable task) {
    var scheduled =
        thread.schedule(() -> run(task), deadlineNs - CLOCK.monotonicNs(), TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      e.printStackTrace();
      throw e;
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
