package io.tidelog.hot.runtime;

import io.tidelog.core.Lane;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.hot.leader.LogLeader;
import io.tidelog.hot.segment.SegmentLog;
import io.tidelog.hot.view.LogView;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands sealed segments out to be offloaded, oldest first, and records that they were. The lane
 * decides what is next and publishes it; any thread may ask.
 */
final class OffloadDesk {

  private static final Logger LOG = LoggerFactory.getLogger(OffloadDesk.class);
  private static final long NONE = -1;

  private final Lane lane;
  private final SegmentFinisher finisher;
  private final SegmentLog log;
  private final LogView view;
  private final LogLeader leader;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  private boolean isOpen;
  private volatile long nextBaseLsn = NONE;
  private volatile long lagBytes;

  OffloadDesk(Lane lane, SegmentFinisher finisher, SegmentLog log, LogView view, LogLeader leader) {
    this.lane = lane;
    this.finisher = finisher;
    this.log = log;
    this.view = view;
    this.leader = leader;
  }

  /** Lane: a sealed segment is finished, or could not be. */
  void onFinished() {
    refresh();
    for (var listener : listeners) {
      try {
        listener.run();
      } catch (RuntimeException e) {
        LOG.error("telling that a segment was sealed failed, log={}", view.log(), e);
      }
    }
  }

  /** Lane: partitions are published; before, a segment would be handed out without its runs. */
  void open() {
    isOpen = true;
    refresh();
  }

  /** Lane: publishes what is to be offloaded next, and how much is. */
  void refresh() {
    long next = NONE;
    long lag = 0;
    for (var segment : log.segments().list()) {
      if (segment.isSealed() && view.needsOffload(segment.baseLsn())) {
        lag += segment.sizeBytes();
        if (isOpen && next == NONE && segment.endLsn() <= view.appliedLsn()) {
          next = finisher.isUnfinished(segment.baseLsn()) ? Long.MAX_VALUE : segment.baseLsn();
        }
      }
    }
    nextBaseLsn = next == Long.MAX_VALUE ? NONE : next;
    lagBytes = lag;
  }

  /** Any thread, which may block to open a file. */
  @Nullable SealedSegment nextToOffload(PartitionPublisher published) {
    long baseLsn = nextBaseLsn;
    if (baseLsn == NONE) {
      return null;
    }
    var wanted = published.wanted();
    return log.openSealed(baseLsn, leader.term(), wanted::get);
  }

  CompletionStage<Void> commit(ColdObject object, CommitPipeline pipeline) {
    var done = new CompletableFuture<Void>();
    lane.execute(
        () -> {
          pipeline.change(() -> leader.decideColdCommit(object), done);
          pipeline.flush();
        });
    return done;
  }

  /** Any thread. */
  long lagBytes() {
    return lagBytes;
  }

  /** Any thread. */
  void onSealed(Runnable listener) {
    listeners.add(listener);
  }
}
