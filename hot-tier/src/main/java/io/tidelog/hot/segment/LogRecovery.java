package io.tidelog.hot.segment;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.hot.disk.DiskFile;
import io.tidelog.hot.disk.LogDisk;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.FrameFormat;
import io.tidelog.hot.format.FrameScanner;
import io.tidelog.hot.format.ScanOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds where a log ends, and replays its frames from a checkpoint. Blocking; used once, before
 * anything else opens the folder.
 *
 * <p>Promises: what it keeps is a prefix of whole write groups, is synced before {@link #recover}
 * returns, even if a sync of it has failed before, and reaches the highest commit LSN that the
 * checkpoint or any group start on the disk speaks of; else it throws and changes nothing but
 * left-over files. Of a copy that does not count ({@link CopyStanding#UNCOUNTED}) it keeps what
 * there is.
 */
final class LogRecovery {

  private static final int REWRITE_BYTES = 1 << 20;

  private final LogDisk disk;
  private final LogId log;
  private final CopyStanding standing;
  private final List<RecoveredSegment> recovered = new ArrayList<>();

  private long commitLsn;
  private long lastTerm;
  private long lastAppendTimeMs;

  /**
   * A segment as it was found.
   *
   * @param index built by scanning it; null when it was not scanned, or has an index file
   */
  record RecoveredSegment(DiskFile file, SegmentSpan span, @Nullable ActiveIndex index) {}

  /**
   * What was found; the last segment is the active one and has an index.
   *
   * @param lastTerm term of the last write group replayed, 0 when there is none
   * @param lastAppendTimeMs of that group, 0 when there is none
   */
  record RecoveredLog(
      List<RecoveredSegment> segments, long commitLsn, long lastTerm, long lastAppendTimeMs) {}

  LogRecovery(LogDisk disk, LogId log, CopyStanding standing) {
    this.disk = disk;
    this.log = log;
    this.standing = standing;
  }

  /**
   * Recovers the log and replays it from {@code start} on.
   *
   * @throws Fault.Broken when a byte below the commit LSN is missing or damaged, or a frame is of a
   *     newer version
   */
  RecoveredLog recover(ReplayStart start, FrameVisitor visitor) {
    commitLsn = start.commitLsn();
    boolean done = false;
    try {
      deleteLeftovers();
      var bases = SegmentNames.lsns(disk.list(), SegmentNames.SEGMENT);
      if (bases.isEmpty()) {
        begin();
      } else {
        scanAll(bases, start, visitor);
        writeTailAgain(start.lsn());
      }
      done = true;
      return new RecoveredLog(List.copyOf(recovered), commitLsn, lastTerm, lastAppendTimeMs);
    } catch (IOException e) {
      throw new Fault.Broken("log cannot be recovered, folder=" + disk.describe(), e);
    } finally {
      if (!done) {
        closeAll();
      }
    }
  }

  private void deleteLeftovers() throws IOException {
    SpareSegments.deleteLeftovers(disk);
    var names = disk.list();
    for (var name : names) {
      boolean orphan =
          SegmentNames.is(name, SegmentNames.INDEX)
              && !names.contains(name.replace(SegmentNames.INDEX, SegmentNames.SEGMENT));
      if (orphan
          || name.endsWith(SegmentNames.TEMP)
          || SegmentNames.is(name, SegmentNames.TRIMMED)) {
        disk.delete(name);
      }
    }
  }

  private void begin() throws IOException {
    requireReached(0);
    var file = disk.create(SegmentNames.of(0, SegmentNames.SEGMENT));
    recovered.add(new RecoveredSegment(file, new SegmentSpan(0, 0), new ActiveIndex()));
    file.sync();
    disk.syncDirectory();
  }

  private void scanAll(List<Long> bases, ReplayStart start, FrameVisitor visitor)
      throws IOException {
    if (start.lsn() < bases.getFirst()) {
      throw broken(
          "the log begins behind its checkpoint", bases.getFirst(), "checkpoint=" + start.lsn());
    }
    var names = disk.list();
    int last = bases.size() - 1;
    for (int i = 0; i <= last; i++) {
      long base = bases.get(i);
      var file = disk.open(SegmentNames.of(base, SegmentNames.SEGMENT));
      long nextBase = i == last ? Long.MAX_VALUE : bases.get(i + 1);
      // A copy that is being filled up to its checkpoint may have lost any part of what came.
      if (nextBase <= start.lsn() && standing != CopyStanding.UNCOUNTED) {
        keepUnread(file, new SegmentSpan(base, nextBase));
        continue;
      }
      long limit = Math.min(nextBase, base + file.size());
      var scan = new Scan(file, base, limit, start.lsn(), visitor);
      recovered.add(new RecoveredSegment(file, new SegmentSpan(base, base), scan.index));
      scan.run();
      boolean ends = scan.lsn < nextBase;
      boolean indexed = !ends && names.contains(SegmentNames.of(base, SegmentNames.INDEX));
      recovered.set(
          recovered.size() - 1,
          new RecoveredSegment(file, new SegmentSpan(base, scan.lsn), indexed ? null : scan.index));
      if (ends) {
        endHere(scan, bases.subList(i + 1, bases.size()));
        return;
      }
      file.sync();
    }
  }

  /** A sealed segment before the checkpoint: its length and its first frame are looked at. */
  private void keepUnread(DiskFile file, SegmentSpan span) throws IOException {
    recovered.add(new RecoveredSegment(file, span, null));
    if (file.size() < span.endLsn() - span.baseLsn()) {
      throw broken(
          "a sealed segment is too short",
          span.baseLsn(),
          "size=" + file.size() + " expected=" + (span.endLsn() - span.baseLsn()));
    }
    var head = ByteBuffer.allocate(FrameFormat.GROUP_START_BYTES);
    file.read(head, 0);
    if (!(new FrameScanner(log).next(head.flip(), span.baseLsn()) instanceof ScanOutcome.Found first
        && first.frame() instanceof Frame.GroupStart)) {
      throw broken("a sealed segment does not begin with a write group", span.baseLsn(), "");
    }
  }

  /** The log ends at the scan's LSN, or it is damaged there. */
  private void endHere(Scan scan, List<Long> laterBases) throws IOException {
    long end = scan.lsn;
    commitLsn = Math.max(commitLsn, scan.reader.highestCommitBehind(end));
    for (long base : laterBases) {
      try (var later = disk.open(SegmentNames.of(base, SegmentNames.SEGMENT))) {
        var reader = new GroupReader(log, later, base, base + later.size());
        if (reader.read(base) instanceof GroupScan.Whole first) {
          commitLsn = Math.max(commitLsn, first.start().commitLsn());
        }
        commitLsn = Math.max(commitLsn, reader.highestCommitBehind(base));
      }
    }
    if (end < commitLsn && standing != CopyStanding.UNCOUNTED) {
      throw broken(
          "log is damaged below its commit LSN",
          scan.baseLsn,
          "position="
              + (end - scan.baseLsn)
              + " lsn="
              + end
              + " commitLsn="
              + commitLsn
              + " found="
              + scan.why);
    }
    for (long base : laterBases) {
      disk.delete(SegmentNames.of(base, SegmentNames.SEGMENT));
      disk.delete(SegmentNames.of(base, SegmentNames.INDEX));
    }
    // What was sealed once may be active again: its index would be of another length.
    disk.delete(SegmentNames.of(scan.baseLsn, SegmentNames.INDEX));
    scan.file.truncate(end - scan.baseLsn);
    scan.file.sync();
    disk.syncDirectory();
  }

  /**
   * Writes what lies behind an LSN once more, and syncs it. After a failed sync the page cache may
   * hold as clean what is on no medium, and another sync would pass it over ("Can Applications
   * Recover from fsync Failures?", Rebello and others, USENIX ATC 2020).
   *
   * @param syncedLsn below it every sync has succeeded: the commit LSN of a log without other
   *     copies; else what is committed was synced elsewhere, and here only what a checkpoint covers
   */
  private void writeTailAgain(long syncedLsn) throws IOException {
    var buffer = ByteBuffer.allocate(REWRITE_BYTES);
    for (var segment : recovered) {
      long base = segment.span().baseLsn();
      long end = segment.span().endLsn();
      long from = Math.max(base, syncedLsn);
      for (long lsn = from; lsn < end; lsn += buffer.limit()) {
        buffer.clear().limit((int) Math.min(REWRITE_BYTES, end - lsn));
        segment.file().read(buffer, lsn - base);
        segment.file().write(buffer.flip(), lsn - base);
      }
      if (from < end) {
        segment.file().sync();
      }
    }
  }

  private void requireReached(long end) {
    if (end < commitLsn && standing != CopyStanding.UNCOUNTED) {
      throw new Fault.Broken(
          "log has no segment, but was committed, folder="
              + disk.describe()
              + " commitLsn="
              + commitLsn);
    }
  }

  private Fault.Broken broken(String what, long baseLsn, String details) {
    return new Fault.Broken(
        what
            + ", log="
            + log
            + " file="
            + disk.describe()
            + "/"
            + SegmentNames.of(baseLsn, SegmentNames.SEGMENT)
            + " "
            + details);
  }

  private void closeAll() {
    for (var segment : recovered) {
      try {
        segment.file().close();
      } catch (IOException e) {
        // The fault that made recovery fail is already on its way, and says more.
        continue;
      }
    }
  }

  /** Scans one segment from its start to its end, indexes it, and replays what is asked for. */
  private final class Scan {
    final DiskFile file;
    final long baseLsn;
    final long limitLsn;
    final long replayFromLsn;
    final FrameVisitor visitor;
    final GroupReader reader;
    final ActiveIndex index = new ActiveIndex();
    long lsn;
    String why = "the file ends";

    Scan(DiskFile file, long baseLsn, long limitLsn, long replayFromLsn, FrameVisitor visitor) {
      this.file = file;
      this.baseLsn = baseLsn;
      this.limitLsn = limitLsn;
      this.replayFromLsn = replayFromLsn;
      this.visitor = visitor;
      this.reader = new GroupReader(log, file, baseLsn, limitLsn);
      this.lsn = baseLsn;
    }

    void run() throws IOException {
      while (lsn < limitLsn) {
        switch (reader.read(lsn)) {
          case GroupScan.Whole group -> {
            if (group.start().term() < lastTerm) {
              why = "term " + group.start().term() + " after " + lastTerm;
              return;
            }
            take(group);
          }
          case GroupScan.End end -> {
            why = "zeros";
            return;
          }
          case GroupScan.Unsound unsound -> {
            why = unsound.why() + " at lsn " + unsound.lsn();
            return;
          }
          case GroupScan.UnknownType unknown ->
              throw broken(
                  "log was written by a newer version",
                  baseLsn,
                  "lsn=" + unknown.lsn() + " frameType=" + unknown.type());
        }
      }
    }

    private void take(GroupScan.Whole group) {
      if (lsn < replayFromLsn && replayFromLsn < lsn + group.start().groupBytes()) {
        throw broken("a checkpoint lies inside a write group", baseLsn, "lsn=" + replayFromLsn);
      }
      GroupIndexer.enter(group.bytes(), (int) (lsn - baseLsn), index);
      commitLsn = Math.max(commitLsn, group.start().commitLsn());
      lastTerm = group.start().term();
      lastAppendTimeMs = group.start().appendTimeMs();
      if (lsn >= replayFromLsn) {
        for (ScanOutcome.Found found : group.frames()) {
          visitor.onFrame(found.frame(), found.lsn(), baseLsn);
        }
      }
      lsn += group.start().groupBytes();
    }
  }
}
