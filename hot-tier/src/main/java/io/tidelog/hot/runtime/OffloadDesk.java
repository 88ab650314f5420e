package io.tidelog.hot.runtime;

import io.tidelog.core.Lane;
import io.tidelog.core.log.ColdObject;
import io.tidelog.core.log.SealedSegment;
import io.tidelog.hot.leader.LogLeader;
import io.tidelog.hot.segment.Segment;
import io.tidelog.hot.segment.SegmentLog;
import io.tidelog.hot.view.LogView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has sealed segments finished in the background, hands them out to be offloaded, oldest first, and
 * records that they were. The lane decides what is next and publishes it; any thread may ask.
 */
final class OffloadDesk {

  private static final Logger LOG = LoggerFactory.getLogger(OffloadDesk.class);
  private static final long NONE = -1;

  private final Lane lane;
  private final Executor background;
  private final SegmentLog log;
  private final LogView view;
  private final LogLeader leader;
  private final CommitPipeline pipeline;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** Base LSNs of segments sealed in this process whose index is not written yet. */
  private final Set<Long> unfinished = new HashSet<>();

  /** Segments whose index could not be written; it is tried again. */
  private final List<Segment> failed = new ArrayList<>();

  private boolean isFailureLogged;

  private volatile long nextBaseLsn = NONE;
  private volatile long lagBytes;

  OffloadDesk(
      Lane lane,
      Executor background,
      SegmentLog log,
      LogView view,
      LogLeader leader,
      CommitPipeline pipeline) {
    this.lane = lane;
    this.background = background;
    this.log = log;
    this.view = view;
    this.leader = leader;
    this.pipeline = pipeline;
  }

  /** Lane: sends what was sealed since the last call to be finished. */
  void finishSealed() {
    for (var sealed : log.writer().takeSealed()) {
      unfinished.add(sealed.baseLsn());
      finish(sealed);
    }
  }

  /** Lane: tries again what failed, unless it was trimmed meanwhile. */
  void finishFailed() {
    var again = List.copyOf(failed);
    failed.clear();
    again.stream().filter(log::retain).forEach(this::finish);
  }

  private void finish(Segment sealed) {
    var seal = log.seal(sealed);
    background.execute(
        () -> {
          var outcome = BlockingTask.failureOf(seal::run);
          lane.execute(
              () -> {
                log.writer().onSealed(seal);
                onFinished(sealed, outcome);
              });
        });
  }

  private void onFinished(Segment sealed, @Nullable Throwable failure) {
    // Its index in memory serves readers and the upload until its file can be written.
    if (failure == null) {
      isFailureLogged = false;
    } else {
      failed.add(sealed);
    }
    if (failure != null && !isFailureLogged) {
      isFailureLogged = true;
      LOG.error(
          "index of a segment cannot be written, it is tried again, segment={}",
          sealed.name(),
          failure);
    }
    unfinished.remove(sealed.baseLsn());
    refresh();
    for (var listener : listeners) {
      try {
        listener.run();
      } catch (RuntimeException e) {
        LOG.error("telling that a segment was sealed failed, log={}", view.log(), e);
      }
    }
  }

  /** Lane: publishes what is to be offloaded next, and how much is. */
  void refresh() {
    long next = NONE;
    long lag = 0;
    for (var segment : log.segments().list()) {
      if (segment.isSealed() && view.needsOffload(segment.baseLsn())) {
        lag += segment.sizeBytes();
        if (next == NONE && segment.endLsn() <= view.appliedLsn()) {
          next = unfinished.contains(segment.baseLsn()) ? Long.MAX_VALUE : segment.baseLsn();
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
    var specs = published.specs();
    return log.openSealed(baseLsn, leader.term(), ref -> specs.get(ref));
  }

  CompletionStage<Void> commit(ColdObject object) {
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
