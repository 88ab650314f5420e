package io.tidelog.hot.runtime;

import io.tidelog.core.Fault;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.FrameCodec;
import io.tidelog.hot.segment.FrameVisitor;
import io.tidelog.hot.view.FramePlace;
import io.tidelog.hot.view.LogView;
import io.tidelog.hot.view.TermHistory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Applies recovered frames to the view up to the highest commit LSN known, which later groups tell,
 * and keeps the groups behind it. Used by the thread that recovers.
 */
final class TailReplay implements FrameVisitor {

  private final LogView view;
  private final ArrayDeque<WrittenGroup> tail = new ArrayDeque<>();
  private long commitLsn;
  private @Nullable List<WrittenGroup.Entry> group;
  private long groupLsn;
  private long groupEndLsn;
  private TermHistory terms;

  /**
   * @param commitLsn the highest one known before
   */
  TailReplay(LogView view, long commitLsn) {
    this.view = view;
    this.commitLsn = commitLsn;
    this.terms = view.terms();
  }

  @Override
  public void onFrame(Frame frame, long lsn, long segmentBaseLsn) {
    var place = new FramePlace(lsn, lsn + FrameCodec.sizeOf(frame), segmentBaseLsn);
    if (frame instanceof Frame.GroupStart start) {
      finishGroup();
      groupLsn = lsn;
      groupEndLsn = lsn + start.groupBytes();
      commitLsn = Math.max(commitLsn, start.commitLsn());
      group = groupEndLsn <= commitLsn ? null : new ArrayList<>();
      applyCommitted();
    }
    if (frame instanceof Frame.TermStart start) {
      terms = terms.with(start.term(), groupLsn);
    }
    var entries = group;
    if (entries == null) {
      view.apply(frame, place);
    } else if (!(frame instanceof Frame.GroupStart)) {
      entries.add(entry(frame, place));
    }
  }

  private static WrittenGroup.Entry entry(Frame frame, FramePlace place) {
    try {
      return WrittenGroup.Entry.of(frame, place);
    } catch (IllegalArgumentException e) {
      throw new Fault.Broken("a records frame is unsound, lsn=" + place.lsn(), e);
    }
  }

  private void finishGroup() {
    if (group != null) {
      tail.add(WrittenGroup.replicated(groupEndLsn, group));
      group = null;
    }
  }

  private void applyCommitted() {
    while (!tail.isEmpty() && tail.getFirst().endLsn() <= commitLsn) {
      tail.removeFirst().applyTo(view);
    }
  }

  /**
   * The scan has ended; gives what is not committed.
   *
   * @param highestCommitLsn also by what was found behind the end
   */
  List<WrittenGroup> finish(long highestCommitLsn) {
    finishGroup();
    commitLsn = Math.max(commitLsn, highestCommitLsn);
    applyCommitted();
    return List.copyOf(tail);
  }

  /** Where each term began, up to the end of the log. */
  TermHistory terms() {
    return terms;
  }
}
