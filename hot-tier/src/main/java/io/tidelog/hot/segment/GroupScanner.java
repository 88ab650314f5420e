package io.tidelog.hot.segment;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.LogId;
import io.tidelog.hot.format.Frame;
import io.tidelog.hot.format.FrameFormat;
import io.tidelog.hot.format.FrameScanner;
import io.tidelog.hot.format.ScanOutcome;
import java.nio.ByteBuffer;
import java.util.ArrayList;

/**
 * Checks write groups of one log, whencever their bytes come: every checksum, that the frames fill
 * the group, that records frames hold whole batches. Throws for no content whatever. Belongs to one
 * thread.
 */
public final class GroupScanner {

  private static final int UNSOUND = -1;

  private final FrameScanner scanner;

  public GroupScanner(LogId log) {
    this.scanner = new FrameScanner(log);
  }

  /** Looks at what begins at the position of {@code bytes}; borrows it and moves nothing in it. */
  public GroupScan scan(ByteBuffer bytes, long lsn) {
    var scanned = bytes.duplicate();
    return switch (scanner.next(scanned, lsn)) {
      case ScanOutcome.End end -> new GroupScan.End();
      case ScanOutcome.Torn torn -> new GroupScan.Unsound(lsn, "the bytes end inside a frame");
      case ScanOutcome.Damaged damaged -> new GroupScan.Unsound(lsn, damaged.why());
      case ScanOutcome.UnknownType unknown -> new GroupScan.UnknownType(lsn, unknown.type());
      case ScanOutcome.Found found ->
          found.frame() instanceof Frame.GroupStart start
              ? scanGroup(start, found, bytes, lsn)
              : new GroupScan.Unsound(lsn, "no write group begins here");
    };
  }

  /** Size of the group whose sound start is at the position of {@code bytes}, −1 without one. */
  int groupBytes(ByteBuffer bytes, long lsn) {
    return scanner.next(bytes.duplicate(), lsn) instanceof ScanOutcome.Found found
            && found.frame() instanceof Frame.GroupStart start
            && isPossibleSize(start.groupBytes())
        ? start.groupBytes()
        : UNSOUND;
  }

  private static boolean isPossibleSize(int groupBytes) {
    return groupBytes >= FrameFormat.GROUP_START_BYTES
        && groupBytes % FrameFormat.ALIGNMENT_BYTES == 0
        && groupBytes <= SegmentConfig.MAX_GROUP_BYTES;
  }

  private GroupScan scanGroup(
      Frame.GroupStart start, ScanOutcome.Found first, ByteBuffer bytes, long lsn) {
    int size = start.groupBytes();
    if (!isPossibleSize(size)) {
      return new GroupScan.Unsound(lsn, "a write group of " + size + " bytes");
    }
    if (bytes.remaining() < size) {
      return new GroupScan.Unsound(lsn, "the bytes end inside a write group");
    }
    var frames = new ArrayList<ScanOutcome.Found>();
    frames.add(first);
    int from = bytes.position();
    var scanned = bytes.duplicate().limit(from + size).position(from + first.sizeBytes());
    while (scanned.hasRemaining()) {
      long at = lsn + scanned.position() - from;
      switch (scanner.next(scanned, at)) {
        case ScanOutcome.Found found -> {
          if (!isSound(found.frame())) {
            return new GroupScan.Unsound(at, "a frame of a write group has unsound contents");
          }
          frames.add(found);
        }
        case ScanOutcome.UnknownType unknown -> {
          return new GroupScan.UnknownType(at, unknown.type());
        }
        case ScanOutcome.Damaged damaged -> {
          return new GroupScan.Unsound(at, damaged.why());
        }
        case ScanOutcome.End end -> {
          return new GroupScan.Unsound(at, "zeros inside a write group");
        }
        case ScanOutcome.Torn torn -> {
          return new GroupScan.Unsound(at, "a frame reaches out of its write group");
        }
      }
    }
    return new GroupScan.Whole(start, frames, scanned.position(from));
  }

  private static boolean isSound(Frame frame) {
    return switch (frame) {
      case Frame.GroupStart start -> false;
      case Frame.RecordsFrame records ->
          records.recordCount() > 0
              && records.baseOffset() >= 0
              && holdsWholeBatches(records.batches());
      default -> true;
    };
  }

  private static boolean holdsWholeBatches(ByteBuffer batches) {
    int at = batches.position();
    while (batches.limit() - at >= BatchHeader.SIZE_BYTES) {
      int size =
          batches.getInt(at + BatchHeader.LENGTH_POSITION) + BatchHeader.LENGTH_OVERHEAD_BYTES;
      if (size < BatchHeader.SIZE_BYTES || size > batches.limit() - at) {
        return false;
      }
      at += size;
    }
    return at == batches.limit() && batches.hasRemaining();
  }
}
