package io.tidelog.hot.segment;

import io.tidelog.core.LogId;
import io.tidelog.hot.disk.DiskFile;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.FrameFormat;
import io.tidelog.hot.format.FrameScanner;
import io.tidelog.hot.format.ScanOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads one segment file group by group and checks every byte. Blocking; belongs to one thread.
 * Promises that a group it gives is whole and sound.
 */
final class GroupReader {

  private static final int WINDOW_BYTES = 4 << 20;
  private static final long SEARCH_BYTES = SegmentConfig.MAX_GROUP_BYTES;

  private final FrameScanner scanner;
  private final GroupScanner groups;
  private final DiskFile file;
  private final long baseLsn;
  private final long limitLsn;

  private ByteBuffer window = ByteBuffer.allocate(0);
  private long windowLsn;

  /**
   * @param baseLsn of the file's first byte
   * @param limitLsn no byte at or behind it is read
   */
  GroupReader(LogId log, DiskFile file, long baseLsn, long limitLsn) {
    this.scanner = new FrameScanner(log);
    this.groups = new GroupScanner(log);
    this.file = file;
    this.baseLsn = baseLsn;
    this.limitLsn = limitLsn;
    this.windowLsn = baseLsn;
  }

  /** What it gives is valid until the next read. */
  GroupScan read(long lsn) throws IOException {
    var head = bytes(lsn, FrameFormat.GROUP_START_BYTES);
    int size = groups.groupBytes(head, lsn);
    return groups.scan(size < 0 ? head : bytes(lsn, size), lsn);
  }

  /**
   * The highest commit LSN in any group start behind {@code lsn}, or −1. Looks at every aligned
   * position, so that damage in between hides nothing, until no group start was found for as far as
   * the longest group could reach.
   */
  long highestCommitBehind(long lsn) throws IOException {
    long highest = -1;
    long at = lsn + FrameFormat.ALIGNMENT_BYTES;
    long giveUpAt = at + SEARCH_BYTES;
    while (at < Math.min(limitLsn, giveUpAt)) {
      at = nextCandidate(at);
      var bytes = bytes(at, FrameFormat.GROUP_START_BYTES);
      if (scanner.next(bytes, at) instanceof ScanOutcome.Found found
          && found.frame() instanceof Frame.GroupStart group) {
        highest = Math.max(highest, group.commitLsn());
        giveUpAt = at + SEARCH_BYTES;
      }
      at += FrameFormat.ALIGNMENT_BYTES;
    }
    return highest;
  }

  /** The first aligned LSN in the window, from {@code lsn} on, that may be a group start. */
  private long nextCandidate(long lsn) throws IOException {
    long inWindow = windowLsn + window.limit() - lsn;
    boolean refill = lsn < windowLsn || inWindow < FrameFormat.GROUP_START_BYTES;
    var bytes = bytes(lsn, refill ? WINDOW_BYTES : (int) inWindow);
    int last = bytes.limit() - FrameFormat.GROUP_START_BYTES;
    int at = bytes.position();
    while (at < last
        && (bytes.getInt(at) != FrameFormat.MAGIC
            || bytes.getInt(at + FrameFormat.SIZE_POSITION) != FrameFormat.GROUP_START_BYTES)) {
      at += FrameFormat.ALIGNMENT_BYTES;
    }
    return lsn + at - bytes.position();
  }

  /** A view of up to {@code size} bytes at {@code lsn}; shorter where the file or limit ends. */
  private ByteBuffer bytes(long lsn, int size) throws IOException {
    int wanted = (int) Math.min(size, Math.max(0, limitLsn - lsn));
    if (lsn < windowLsn || lsn + wanted > windowLsn + window.limit()) {
      fill(lsn, wanted);
    }
    int from = (int) (lsn - windowLsn);
    return window.duplicate().limit(Math.min(window.limit(), from + wanted)).position(from);
  }

  private void fill(long lsn, int wanted) throws IOException {
    if (wanted > window.capacity() || window.capacity() == 0) {
      int useful = (int) Math.min(WINDOW_BYTES, limitLsn - lsn);
      window = ByteBuffer.allocateDirect(Math.max(wanted, useful));
    }
    window.clear().limit((int) Math.min(window.capacity(), limitLsn - lsn));
    file.read(window, lsn - baseLsn);
    window.flip();
    windowLsn = lsn;
  }
}
