package io.tidelog.hot.runtime;

import io.tidelog.core.LogId;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.FrameCodec;
import io.tidelog.hot.format.FrameFormat;
import io.tidelog.hot.format.GroupEncoder;
import io.tidelog.hot.leader.WriteGroup;
import io.tidelog.hot.segment.AppendOutcome;
import io.tidelog.hot.segment.SegmentSet;
import io.tidelog.hot.segment.SegmentWriter;
import io.tidelog.hot.view.AppendedRecords;
import io.tidelog.hot.view.FramePlace;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns gathered groups into bytes of the log, in the leader's term. Owned by the log's lane, on
 * which it writes to the page cache.
 */
final class GroupWriter {

  private final FrameCodec codec;
  private final SegmentWriter writer;
  private final SegmentSet segments;
  private final long term;

  GroupWriter(LogId log, SegmentWriter writer, SegmentSet segments, long term) {
    this.codec = new FrameCodec(log);
    this.writer = writer;
    this.segments = segments;
    this.term = term;
  }

  /** What became of a group. */
  record Result(AppendOutcome outcome, List<WrittenGroup.Entry> entries) {}

  /** Writes the group; its entries are those of the outcome {@link AppendOutcome.Written} only. */
  Result write(WriteGroup group, long appendTimeMs, long commitLsn) {
    List<Frame> frames = new ArrayList<>(group.entries().size());
    int size = FrameFormat.GROUP_START_BYTES;
    for (var entry : group.entries()) {
      var frame = frame(entry, appendTimeMs);
      frames.add(frame);
      size += sizeOf(entry, frame);
    }
    long baseLsn = writer.endLsn();
    var memory = writer.reserve(size);
    int start = memory.position();
    var encoder = new GroupEncoder(codec, memory, baseLsn);
    var lsns = encode(encoder, group, frames);
    long endLsn = encoder.finish(term, appendTimeMs, commitLsn);
    var outcome = writer.append(memory.duplicate().flip().position(start), urgency(group));
    return outcome instanceof AppendOutcome.Written
        ? new Result(outcome, placed(group, frames, lsns, endLsn))
        : new Result(outcome, List.of());
  }

  private Frame frame(WriteGroup.Entry entry, long appendTimeMs) {
    return switch (entry) {
      case WriteGroup.ControlEntry control -> control.frame().at(term, appendTimeMs);
      case WriteGroup.RecordsEntry records ->
          new Frame.RecordsFrame(
              records.partitionRef(),
              term,
              appendTimeMs,
              records.batches().getFirst().baseOffset(),
              records.recordCount(),
              records.buffers().getFirst());
    };
  }

  private static int sizeOf(WriteGroup.Entry entry, Frame frame) {
    return entry instanceof WriteGroup.RecordsEntry records
        ? FrameFormat.recordsFrameBytes(records.sizeBytes())
        : FrameCodec.sizeOf(frame);
  }

  private static long[] encode(GroupEncoder encoder, WriteGroup group, List<Frame> frames) {
    var lsns = new long[frames.size()];
    for (int i = 0; i < lsns.length; i++) {
      if (frames.get(i) instanceof Frame.RecordsFrame first
          && group.entries().get(i) instanceof WriteGroup.RecordsEntry records
          && records.buffers().size() > 1) {
        var more = records.buffers().subList(1, records.buffers().size());
        lsns[i] = encoder.addGathered(first, more);
      } else {
        lsns[i] = encoder.add(frames.get(i));
      }
    }
    return lsns;
  }

  private static SegmentWriter.Urgency urgency(WriteGroup group) {
    return group.hasRecords() ? SegmentWriter.Urgency.ORDINARY : SegmentWriter.Urgency.CONTROL;
  }

  private List<WrittenGroup.Entry> placed(
      WriteGroup group, List<Frame> frames, long[] lsns, long endLsn) {
    long segmentBaseLsn = segments.active().baseLsn();
    List<WrittenGroup.Entry> entries = new ArrayList<>(lsns.length);
    for (int i = 0; i < lsns.length; i++) {
      long end = i + 1 < lsns.length ? lsns[i + 1] : endLsn;
      var place = new FramePlace(lsns[i], end, segmentBaseLsn);
      var frame = frames.get(i);
      entries.add(
          group.entries().get(i) instanceof WriteGroup.RecordsEntry records
              ? new WrittenGroup.Records(
                  new AppendedRecords(
                      records.partitionRef(),
                      frame.term(),
                      frame.appendTimeMs(),
                      records.batches()),
                  place)
              : new WrittenGroup.Control(frame, place));
    }
    return entries;
  }
}
