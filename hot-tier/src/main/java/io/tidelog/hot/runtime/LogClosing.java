package io.tidelog.hot.runtime;

import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.hot.segment.SegmentLog;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of an open log: syncs what is written, or leaves it as it is, and lets go of the files.
 * Belongs to the log's lane.
 */
final class LogClosing {

  private static final Logger LOG = LoggerFactory.getLogger(LogClosing.class);

  private final LogId id;
  private final SegmentLog log;
  private final LogSyncs syncs;
  private final Lane lane;
  private final Executor background;
  private volatile boolean isClean;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  LogClosing(LogId id, SegmentLog log, LogSyncs syncs, LogDriver.Threads threads) {
    this.id = id;
    this.log = log;
    this.syncs = syncs;
    this.lane = threads.lane();
    this.background = threads.background();
  }

  /** Completes on the lane when nothing works on the folder any more. */
  CompletionStage<Void> closed() {
    return closed;
  }

  /** Any thread: whether all that was written is on stable storage, and the files let go of. */
  boolean isClean() {
    return isClean;
  }

  /** Runs {@code done} when everything written is synced, or nothing more can be. */
  void syncAll(Runnable done) {
    syncs.sync();
    syncs.whenIdle(
        () -> {
          if (log.writer().fault() == null && !isAllSynced()) {
            syncAll(done);
          } else {
            done.run();
          }
        });
  }

  private boolean isAllSynced() {
    return log.writer().syncedLsn() >= log.writer().endLsn();
  }

  /** Lets go of the files, of which nothing is under way. */
  void finish() {
    isClean = log.writer().fault() == null && isAllSynced();
    log.close();
    closed.complete(null);
  }

  /** Lets go of the files as they are, after a sync that may be under way. */
  void abandon() {
    log.abandon();
    syncs.whenIdle(
        () ->
            background.execute(
                () -> {
                  var failure = BlockingTask.failureOf(log::closeSpares);
                  lane.execute(() -> onAbandoned(failure));
                }));
  }

  private void onAbandoned(@Nullable Throwable failure) {
    if (failure != null) {
      LOG.warn("a spare file could not be deleted, log={}", id, failure);
    }
    closed.complete(null);
  }
}
