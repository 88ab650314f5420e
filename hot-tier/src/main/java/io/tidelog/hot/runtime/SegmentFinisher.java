package io.tidelog.hot.runtime;

import io.tidelog.core.Lane;
import io.tidelog.hot.segment.Segment;
import io.tidelog.hot.segment.SegmentLog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the files of sealed segments finished in the background: cut, and their index written. Owned
 * by the log's lane, whoever leads.
 */
final class SegmentFinisher {

  private static final Logger LOG = LoggerFactory.getLogger(SegmentFinisher.class);

  private final Lane lane;
  private final Executor background;
  private final SegmentLog log;

  /** Base LSNs of segments sealed in this process whose index is not written yet. */
  private final Set<Long> unfinished = new HashSet<>();

  /** Segments whose index could not be written; it is tried again. */
  private final List<Segment> failed = new ArrayList<>();

  private boolean isFailureLogged;
  private Runnable onFinished = () -> {};

  SegmentFinisher(Lane lane, Executor background, SegmentLog log) {
    this.lane = lane;
    this.background = background;
    this.log = log;
  }

  /** Run on the lane whenever one is finished, or has failed. */
  void onFinished(Runnable listener) {
    onFinished = listener;
  }

  /** Sends what was sealed since the last call to be finished. */
  void finishSealed() {
    for (var sealed : log.writer().takeSealed()) {
      unfinished.add(sealed.baseLsn());
      finish(sealed);
    }
  }

  /** Tries again what failed, unless it was trimmed meanwhile. */
  void finishFailed() {
    if (failed.isEmpty()) {
      return;
    }
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
    onFinished.run();
  }

  /** Whether the segment's index is still to be written the first time. */
  boolean isUnfinished(long baseLsn) {
    return unfinished.contains(baseLsn);
  }
}
