package io.tidelog.hot.runtime;

import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.FrameFormat;
import io.tidelog.hot.runtime.ReplicaAppend.Reason;
import io.tidelog.hot.segment.GroupScan;
import io.tidelog.hot.segment.GroupScanner;
import io.tidelog.hot.segment.RawGroups;
import io.tidelog.hot.segment.SegmentWriter;
import io.tidelog.hot.view.FramePlace;
import io.tidelog.hot.view.TermHistory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks what a leader sent before it is written: every checksum, that groups are whole, that terms
 * and append times never go back, that a term begins with its start, that time is not far ahead.
 * Used once, by the log's lane.
 */
final class ReplicatedGroups {

  private final GroupScanner scanner;
  private final long latestTimeMs;
  private final List<WrittenGroup> groups = new ArrayList<>();
  private TermHistory terms;
  private long lastTerm;
  private long lastAppendTimeMs;
  private boolean hasRecords;

  /**
   * What lies before the groups.
   *
   * @param lastTerm 0 when nothing does, or {@link #UNKNOWN_TERM}
   */
  record Before(TermHistory terms, long lastTerm, long lastAppendTimeMs) {}

  /** A copy begins in the middle of a term whose start is forgotten: any may go on. */
  static final long UNKNOWN_TERM = -1;

  /**
   * @param latestTimeMs a later append time is refused
   */
  ReplicatedGroups(GroupScanner scanner, Before before, long latestTimeMs) {
    this.scanner = scanner;
    this.terms = before.terms();
    this.lastTerm = before.lastTerm();
    this.lastAppendTimeMs = before.lastAppendTimeMs();
    this.latestTimeMs = latestTimeMs;
  }

  /** Why they are refused, or null; borrows them. */
  ReplicaAppend.@Nullable Refused check(RawGroups raw) {
    var bytes = raw.bytes().duplicate();
    int from = bytes.position();
    while (bytes.hasRemaining()) {
      long lsn = raw.lsn() + bytes.position() - from;
      var refused =
          switch (scanner.scan(bytes, lsn)) {
            case GroupScan.Whole group -> {
              bytes.position(group.bytes().limit());
              yield checkGroup(group, lsn, raw.segmentBaseLsn());
            }
            case GroupScan.End end -> refuse(Reason.DAMAGED, "zeros", lsn);
            case GroupScan.Unsound unsound -> refuse(Reason.DAMAGED, unsound.why(), unsound.lsn());
            case GroupScan.UnknownType unknown ->
                refuse(Reason.NEWER_VERSION, "frame type " + unknown.type(), unknown.lsn());
          };
      if (refused != null) {
        return refused;
      }
    }
    return null;
  }

  private static ReplicaAppend.Refused refuse(Reason reason, String what, long lsn) {
    return new ReplicaAppend.Refused(reason, what + ", lsn=" + lsn);
  }

  private ReplicaAppend.@Nullable Refused checkGroup(
      GroupScan.Whole group, long lsn, long segmentBaseLsn) {
    var refused = checkStart(group, lsn);
    if (refused != null) {
      return refused;
    }
    var start = group.start();
    List<WrittenGroup.Entry> entries = new ArrayList<>(group.frames().size() - 1);
    for (var found : group.frames().subList(1, group.frames().size())) {
      var frame = found.frame();
      if (frame.term() != start.term() || frame.appendTimeMs() != start.appendTimeMs()) {
        return refuse(Reason.DAMAGED, "a frame of another term or time in a group", found.lsn());
      }
      hasRecords |= frame instanceof Frame.RecordsFrame;
      try {
        var place = new FramePlace(found.lsn(), found.endLsn(), segmentBaseLsn);
        entries.add(WrittenGroup.Entry.of(frame, place));
      } catch (IllegalArgumentException e) {
        return refuse(Reason.DAMAGED, String.valueOf(e.getMessage()), found.lsn());
      }
    }
    if (entries.getFirst() instanceof WrittenGroup.Control first
        && first.frame() instanceof Frame.TermStart) {
      terms = terms.with(start.term(), lsn);
    }
    lastTerm = start.term();
    lastAppendTimeMs = start.appendTimeMs();
    groups.add(WrittenGroup.replicated(lsn + start.groupBytes(), entries));
    return null;
  }

  private ReplicaAppend.@Nullable Refused checkStart(GroupScan.Whole group, long lsn) {
    var start = group.start();
    if (start.term() < lastTerm) {
      return refuse(Reason.WRONG_TERM, "term " + start.term() + " after " + lastTerm, lsn);
    }
    if (start.appendTimeMs() < lastAppendTimeMs) {
      return refuse(Reason.DAMAGED, "append times go back", lsn);
    }
    if (start.appendTimeMs() > latestTimeMs) {
      return refuse(
          Reason.AHEAD_OF_TIME,
          "append time " + start.appendTimeMs() + ", latest allowed " + latestTimeMs,
          lsn);
    }
    if (group.frames().size() < 2) {
      return refuse(Reason.DAMAGED, "a write group without a frame", lsn);
    }
    var termStart = group.frames().get(1).frame() instanceof Frame.TermStart first ? first : null;
    if (lastTerm != UNKNOWN_TERM && (start.term() > lastTerm) != (termStart != null)) {
      return refuse(Reason.WRONG_TERM, "term " + start.term() + " does not begin here", lsn);
    }
    if (termStart != null && termStart.formatLevel() > FrameFormat.LEVEL) {
      return refuse(Reason.NEWER_VERSION, "format level " + termStart.formatLevel(), lsn);
    }
    return null;
  }

  /** What was checked, in log order. */
  List<WrittenGroup> groups() {
    return groups;
  }

  /** What lies before the groups that follow these. */
  Before after() {
    return new Before(terms, lastTerm, lastAppendTimeMs);
  }

  /** Frames of the log itself may use the space that is held back on a full disk. */
  SegmentWriter.Urgency urgency() {
    return hasRecords ? SegmentWriter.Urgency.ORDINARY : SegmentWriter.Urgency.CONTROL;
  }
}
