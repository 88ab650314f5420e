package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one log, which outlive its terms: two that take turns at the lane and its syncs,
 * some that read, one for what is in no hurry.
 */
public final class LogThreads implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LogThreads.class);
  private static final long IDLE_SECONDS = 30;
  private static final int QUEUED_TASKS = 100_000;

  private final LaneThreads lane;
  private final ThreadPoolExecutor readers;
  private final ThreadPoolExecutor background;
  private final AtomicBoolean isClosed = new AtomicBoolean();

  public LogThreads(HotTierConfig config, Clock clock) {
    this.lane = new LaneThreads("log-lane", clock, LogThreads::logUncaught);
    this.readers = pool("log-reader", config.readerThreads(), config.limits().queuedReads());
    this.background = pool("log-background", 1, QUEUED_TASKS);
    // A file that a late reader lets go of after the end is closed with the process.
    background.setRejectedExecutionHandler(new ThreadPoolExecutor.CallerRunsPolicy());
  }

  private static void logUncaught(Throwable failure) {
    LOG.error("a task of a log failed before the log was there", failure);
  }

  private static ThreadPoolExecutor pool(String name, int threads, int queued) {
    ThreadFactory factory = Thread.ofPlatform().name(name + "-", 0).daemon(true).factory();
    var pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(queued),
            factory);
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** For those who open the log. */
  public LogDriver.Threads threads() {
    return new LogDriver.Threads(lane, lane.syncs(), readers, background);
  }

  /** Whoever is told, on the lane, of what its tasks throw. */
  public void onUncaught(Consumer<Throwable> handler) {
    lane.onUncaught(handler);
  }

  /** The lane begins to run what is posted. */
  public void start() {
    lane.start();
  }

  /** Any thread: ends the lane after what is posted has run; reads that wait are answered. */
  void end() {
    readers.shutdown();
    lane.close();
  }

  /** Ends the threads. Blocking, up to the time that background work takes. */
  @Override
  public void close() {
    if (!isClosed.compareAndSet(false, true)) {
      return;
    }
    end();
    join();
  }

  /** Blocking: until the lane has ended, and then the background work. */
  void join() {
    try {
      lane.join();
      background.shutdown();
      if (!background.awaitTermination(IDLE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("background work of a log did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
