package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Recovers one log and serves it alone: owns its {@link LogThreads} and gives them to a {@link
 * LogDriver}. The disk stays its caller's to close, after {@link #close}.
 */
public final class LogRuntime implements AutoCloseable {

  private final LogDriver driver;
  private final LogThreads threads;
  private final AtomicBoolean isClosed = new AtomicBoolean();

  private LogRuntime(LogDriver driver, LogThreads threads) {
    this.driver = driver;
    this.threads = threads;
  }

  /**
   * Recovers the log, or begins it when the folder is empty. Blocking; nothing is written to the
   * log before {@link #start}.
   *
   * @throws Fault.Broken when the log is damaged below what was committed, or cannot be read
   */
  public static LogRuntime recover(LogOpener.Parts parts) {
    var threads = new LogThreads(parts.config(), parts.clock());
    boolean recovered = false;
    try {
      var runtime = new LogRuntime(LogOpener.open(parts, threads.threads()), threads);
      threads.onUncaught(runtime.driver::onUncaught);
      recovered = true;
      return runtime;
    } finally {
      if (!recovered) {
        threads.close();
      }
    }
  }

  /** Begins to serve; the stage completes when the log's term has begun durably. */
  public CompletionStage<Void> start() {
    threads.start();
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
    var unused = driver.stop().whenComplete((nothing, failure) -> threads.end());
    threads.join();
  }
}
