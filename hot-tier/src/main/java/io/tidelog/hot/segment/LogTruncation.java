package io.tidelog.hot.segment;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;
import java.util.List;

/**
 * Cuts the end of a closed log that another leader wrote otherwise. Blocking; used once.
 *
 * <p>Promises: nothing known to be committed is cut; after a crash at any moment the log is a
 * prefix of what it was that reaches at least the LSN asked for.
 */
public final class LogTruncation {

  private final LogDisk disk;
  private final LogId log;

  /** The highest commit LSN that anything here speaks of. */
  private long commitLsn;

  private boolean isBoundary;

  private LogTruncation(LogDisk disk, LogId log) {
    this.disk = disk;
    this.log = log;
  }

  /**
   * What a log is to be cut to.
   *
   * @param endLsn its new end, where a write group ends here
   * @param segmentBaseLsn of the segment in which the leader goes on there: the one that holds the
   *     end here, or a new one that begins at it
   */
  public record Cut(long endLsn, long segmentBaseLsn) {}

  /**
   * Cuts the log, durably.
   *
   * @throws Fault.Broken when something committed would be cut, when no group ends there, or when
   *     segments here begin elsewhere than the leader's; nothing has changed then
   */
  public static void truncate(LogDisk disk, LogId log, Cut cut) throws IOException {
    new LogTruncation(disk, log).run(cut);
  }

  private void run(Cut cut) throws IOException {
    var bases = SegmentNames.lsns(disk.list(), SegmentNames.SEGMENT);
    scan(bases, cut.endLsn());
    if (cut.endLsn() < commitLsn) {
      throw broken("it is committed up to " + commitLsn, cut);
    }
    if (!isBoundary) {
      throw broken("no write group ends there", cut);
    }
    // Behind the end of the segment that is kept nothing begins, unless there is no other segment.
    long kept =
        bases.stream()
            .filter(base -> base < cut.endLsn() || base.equals(bases.getFirst()))
            .reduce((first, second) -> second)
            .orElseThrow();
    if (cut.segmentBaseLsn() != kept && cut.segmentBaseLsn() != cut.endLsn()) {
      throw broken("its segment begins at " + kept + " here", cut);
    }
    for (long base : bases.reversed()) {
      if (base > kept) {
        disk.delete(SegmentNames.of(base, SegmentNames.INDEX));
        disk.delete(SegmentNames.of(base, SegmentNames.SEGMENT));
      }
    }
    disk.syncDirectory();
    disk.delete(SegmentNames.of(kept, SegmentNames.INDEX));
    try (var file = disk.open(SegmentNames.of(kept, SegmentNames.SEGMENT))) {
      file.truncate(cut.endLsn() - kept);
      file.sync();
    }
    disk.syncDirectory();
  }

  /** Looks at every group from the newest checkpoint on, as recovery does. */
  private void scan(List<Long> bases, long endLsn) throws IOException {
    var checkpoint = new CheckpointFiles(disk, log).readNewest();
    long fromLsn = checkpoint == null ? 0 : checkpoint.lsn();
    commitLsn = checkpoint == null ? 0 : Math.max(checkpoint.lsn(), checkpoint.commitLsn());
    for (int i = 0; i < bases.size(); i++) {
      long nextBase = i + 1 < bases.size() ? bases.get(i + 1) : Long.MAX_VALUE;
      if (nextBase > fromLsn) {
        scan(bases.get(i), nextBase, endLsn);
      }
    }
  }

  private void scan(long base, long nextBase, long endLsn) throws IOException {
    try (var file = disk.open(SegmentNames.of(base, SegmentNames.SEGMENT))) {
      var reader = new GroupReader(log, file, base, Math.min(nextBase, base + file.size()));
      long lsn = base;
      isBoundary |= lsn == endLsn;
      while (lsn < nextBase && reader.read(lsn) instanceof GroupScan.Whole group) {
        commitLsn = Math.max(commitLsn, group.start().commitLsn());
        lsn += group.start().groupBytes();
        isBoundary |= lsn == endLsn;
      }
      if (lsn < nextBase) {
        commitLsn = Math.max(commitLsn, reader.highestCommitBehind(lsn));
      }
    }
  }

  private Fault.Broken broken(String why, Cut cut) {
    return new Fault.Broken(
        "log cannot be cut, " + why + ", log=" + log + " folder=" + disk.describe() + " " + cut);
  }
}
