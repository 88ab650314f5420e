package io.tidelog.hot.runtime;

import io.tidelog.core.Clock;
import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.log.DelayGates;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.format.FrameCodec;
import io.tidelog.hot.segment.CheckpointFiles;
import io.tidelog.hot.segment.ReplayStart;
import io.tidelog.hot.segment.SegmentLog;
import io.tidelog.hot.view.FramePlace;
import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.LogViewCodec;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovers one log and serves it: owns its threads — the lane, one that syncs, some that read, one
 * for what is in no hurry — and gives them to a {@link LogDriver}. The disk stays its caller's to
 * close, after {@link #close}.
 */
public final class LogRuntime implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LogRuntime.class);
  private static final long IDLE_SECONDS = 30;
  private static final int QUEUED_TASKS = 100_000;

  private final LogDriver driver;
  private final LaneThread lane;
  private final ThreadPoolExecutor sync;
  private final ThreadPoolExecutor readers;
  private final ThreadPoolExecutor background;
  private final AtomicBoolean isClosed = new AtomicBoolean();

  /**
   * What a log is served with.
   *
   * @param gates make the gates of delayed partitions
   * @param termFloor the term is higher than this and than any on the disk
   * @param incarnation of this process, drawn at its start
   */
  public record Parts(
      LogDisk disk,
      LogId log,
      HotTierConfig config,
      DelayGates gates,
      Clock clock,
      long termFloor,
      UUID incarnation) {}

  private LogRuntime(LogDriver driver, Pools pools) {
    this.driver = driver;
    this.lane = pools.lane();
    this.sync = pools.sync();
    this.readers = pools.readers();
    this.background = pools.background();
  }

  private record Pools(
      LaneThread lane,
      ThreadPoolExecutor sync,
      ThreadPoolExecutor readers,
      ThreadPoolExecutor background) {}

  /**
   * Recovers the log, or begins it when the folder is empty. Blocking; nothing is written to the
   * log before {@link #start}.
   *
   * @throws Fault.Broken when the log is damaged below what was committed, or cannot be read
   */
  public static LogRuntime recover(Parts parts) {
    var config = parts.config();
    var pools =
        new Pools(
            new LaneThread("log-lane", parts.clock(), LogRuntime::logUncaught),
            pool("log-sync", 1, QUEUED_TASKS),
            pool("log-reader", config.readerThreads(), config.limits().queuedReads()),
            pool("log-background", 1, QUEUED_TASKS));
    // A file that a late reader lets go of after the end is closed with the process.
    pools.background().setRejectedExecutionHandler(new ThreadPoolExecutor.CallerRunsPolicy());
    boolean recovered = false;
    try {
      var runtime = new LogRuntime(recover(parts, pools), pools);
      pools.lane().onUncaught(runtime.driver::onUncaught);
      recovered = true;
      return runtime;
    } finally {
      if (!recovered) {
        pools.sync().shutdown();
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

  private static LogDriver recover(Parts parts, Pools pools) {
    var checkpoints = new CheckpointFiles(parts.disk(), parts.log());
    var limits = parts.config().producers();
    try {
      var checkpoint = checkpoints.readNewest();
      var view =
          checkpoint == null
              ? new LogView(parts.log(), limits, parts.gates())
              : LogViewCodec.restore(checkpoint.content(), parts.log(), limits, parts.gates());
      var from = checkpoint == null ? ReplayStart.BEGINNING : checkpoint.replayStart();
      var segments =
          SegmentLog.recover(
              new SegmentLog.Parts(
                  parts.disk(),
                  parts.log(),
                  parts.config().segments(),
                  pools.background(),
                  LogRuntime::logBackgroundFailure),
              from,
              (frame, lsn, base) ->
                  view.apply(frame, new FramePlace(lsn, lsn + FrameCodec.sizeOf(frame), base)));
      long lastTerm = Math.max(view.term(), segments.recovered().lastTerm());
      LOG.info(
          "log recovered, log={} endLsn={} checkpointLsn={} partitions={} lastTerm={}",
          parts.log(),
          segments.recovered().endLsn(),
          from.lsn(),
          view.partitions().size(),
          lastTerm);
      var start =
          new LogDriver.Start(
              Math.max(parts.termFloor(), lastTerm) + 1,
              parts.incarnation(),
              from.lsn(),
              checkpoints.oldestKeptLsn());
      return new LogDriver(
          new LogDriver.Parts(
              new LogDriver.Threads(
                  pools.lane(), pools.sync(), pools.readers(), pools.background()),
              parts.clock(),
              parts.config(),
              segments,
              checkpoints,
              view,
              start));
    } catch (IOException e) {
      throw new Fault.Broken("log cannot be read, folder=" + parts.disk().describe(), e);
    }
  }

  private static void logBackgroundFailure(IOException failure) {
    LOG.warn("a segment file could not be closed, deleted or recycled", failure);
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
                  sync.shutdown();
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
