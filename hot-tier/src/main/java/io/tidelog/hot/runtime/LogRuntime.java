package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovers one log and serves it: owns its threads — two that take turns at the lane and its syncs,
 * some that read, one for what is in no hurry — and gives them to a {@link LogDriver}. The disk
 * stays its caller's to close, after {@link #close}.
 */
public final class LogRuntime implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LogRuntime.class);
  private static final long IDLE_SECONDS = 30;
  private static final int QUEUED_TASKS = 100_000;

  private final LogDriver driver;
  private final LaneThreads lane;
  private final ThreadPoolExecutor readers;
  private final ThreadPoolExecutor background;
  private final AtomicBoolean isClosed = new AtomicBoolean();

  private LogRuntime(LogDriver driver, Pools pools) {
    this.driver = driver;
    this.lane = pools.lane();
    this.readers = pools.readers();
    this.background = pools.background();
  }

  private record Pools(
      LaneThreads lane, ThreadPoolExecutor readers, ThreadPoolExecutor background) {}

  /**
   * Recovers the log, or begins it when the folder is empty. Blocking; nothing is written to the
   * log before {@link #start}.
   *
   * @throws Fault.Broken when the log is damaged below what was committed, or cannot be read
   */
  public static LogRuntime recover(LogOpener.Parts parts) {
    var config = parts.config();
    var pools =
        new Pools(
            new LaneThreads("log-lane", parts.clock(), LogRuntime::logUncaught),
            pool("log-reader", config.readerThreads(), config.limits().queuedReads()),
            pool("log-background", 1, QUEUED_TASKS));
    // A file that a late reader lets go of after the end is closed with the process.
    pools.background().setRejectedExecutionHandler(new ThreadPoolExecutor.CallerRunsPolicy());
    boolean recovered = false;
    try {
      var threads =
          new LogDriver.Threads(
              pools.lane(), pools.lane().syncs(), pools.readers(), pools.background());
      var runtime = new LogRuntime(LogOpener.open(parts, threads), pools);
      pools.lane().onUncaught(runtime.driver::onUncaught);
      recovered = true;
      return runtime;
    } finally {
      if (!recovered) {
        pools.readers().shutdown();
        pools.background().shutdown();
      }
    }
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

  /** Begins to serve; the stage completes when the log's term has begun durably. */
  public CompletionStage<Void> start() {
    lane.start();
    return driver.start();
  }

  /** What serves the log; usable once {@link #start} has completed. */
  public LogDriver driver() {
    return driver;
  }

  /**
   * Finishes what was accepted, saves the view, and ends the threads. Blocking, up to the time a
   * sync and a checkpoint take.
   */
  @Override
  public void close() {
    if (!isClosed.compareAndSet(false, true)) {
      return;
    }
    var unused =
        driver
            .stop()
            .whenComplete(
                (nothing, failure) -> {
                  readers.shutdown();
                  lane.close();
                });
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
