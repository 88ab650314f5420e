package io.tidelog.hot.runtime;

import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.FrameFormat;
import io.tidelog.hot.segment.SegmentLog;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The beginning of a leader's term: writes its first frame, again while the disk is full, and opens
 * the log to readers and to offloading when that is committed. Owned by the log's lane.
 */
final class TermOpening {

  private static final long NANOS_PER_MS = 1_000_000;

  private final ReplicaLog replica;
  private final SegmentLog log;
  private final Leadership leadership;
  private final CommitPipeline pipeline;
  private final PartitionPublisher publisher;
  private final OffloadDesk offload;

  /** Nothing is published before the commit LSN has reached it. */
  private long servesFromLsn = Long.MAX_VALUE;

  private volatile boolean isServing;
  private boolean isEnded;

  /** What a term begins with. */
  record Parts(
      ReplicaLog replica,
      Leadership leadership,
      CommitPipeline pipeline,
      PartitionPublisher publisher,
      OffloadDesk offload) {}

  TermOpening(Parts parts) {
    this.replica = parts.replica();
    this.log = replica.parts().log();
    this.leadership = parts.leadership();
    this.pipeline = parts.pipeline();
    this.publisher = parts.publisher();
    this.offload = parts.offload();
  }

  /**
   * Begins the term. A full disk lets none begin; it is tried again, while another replica may take
   * over.
   *
   * @param started completed when the first frame is committed
   */
  void begin(CompletableFuture<Void> started) {
    if (isEnded) {
      return;
    }
    long startLsn = log.writer().endLsn();
    var begun = new CompletableFuture<Void>();
    boolean isWritten =
        pipeline.startTerm(
            (inTerm, timeMs) ->
                new Frame.TermStart(inTerm, timeMs, FrameFormat.LEVEL, leadership.incarnation()),
            begun);
    if (isWritten) {
      servesFromLsn = log.writer().endLsn();
      replica.onTermStarted(leadership.term(), startLsn);
      if (!leadership.provesFirst()) {
        open();
        started.complete(null);
      }
    } else if (pipeline.fault() == null) {
      var config = replica.parts().config();
      long againNs =
          replica.parts().clock().monotonicNs() + config.timing().tickMs() * NANOS_PER_MS;
      var unused = replica.lane().executeAt(againNs, () -> begin(started));
      return;
    }
    var unused =
        begun.whenComplete(
            (nothing, failure) -> {
              if (failure == null) {
                started.complete(null);
              } else {
                started.completeExceptionally(failure);
              }
            });
  }

  /**
   * More is committed.
   *
   * @param touched the partitions it changed
   */
  void onCommitted(long commitLsn, Set<Integer> touched) {
    if (isServing) {
      publisher.onCommitted(touched);
    } else if (commitLsn >= servesFromLsn) {
      replica.requireWanted();
      open();
    }
  }

  private void open() {
    isServing = true;
    publisher.open(log.segments().startLsn());
    offload.open();
  }

  /** Any thread: whether the log was opened to readers; it is not closed to them here. */
  boolean isServing() {
    return isServing;
  }

  /** The log is about to be closed: what could not be written is not tried again. */
  void end() {
    isEnded = true;
  }
}
