package io.tidelog.hot.segment;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.hot.format.FrameFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads whole write groups as they are to be sent to another replica, committed or not: from memory
 * on any thread and without a copy, else from the files on a thread that may block. Safe for any
 * number of threads.
 */
public final class RawReads {

  private final LogId log;
  private final SegmentSet segments;
  private final TailRing ring;

  RawReads(LogId log, SegmentSet segments, TailRing ring) {
    this.log = log;
    this.segments = segments;
    this.ring = ring;
  }

  /**
   * Reads what is in memory, without blocking.
   *
   * @param lsn where a write group begins
   * @param maxBytes a single larger group is given whole
   * @return null when the first group is not in memory: then read {@link #fromFiles}
   */
  public @Nullable RawRange fromMemory(long lsn, int maxBytes) {
    var segment = find(segments.list(), lsn);
    var answer = answerWithout(segment, lsn);
    if (answer != null || segment == null) {
      return answer;
    }
    var chunk = ring.retain(lsn, FrameFormat.GROUP_START_BYTES);
    if (chunk == null) {
      return null;
    }
    long endLsn = Math.min(segment.endLsn(), chunk.endLsn());
    var bytes = chunk.slice(lsn, (int) (endLsn - lsn));
    int size = wholeGroups(bytes, lsn, maxBytes);
    if (size == 0) {
      chunk.release();
      return new RawRange.Failed(notAGroup(lsn));
    }
    return new RawRange.Groups(
        new RawGroups(lsn, segment.baseLsn(), bytes.limit(size)), chunk::release);
  }

  private static @Nullable Segment find(List<Segment> list, long lsn) {
    for (int i = list.size() - 1; i >= 0; i--) {
      if (list.get(i).baseLsn() <= lsn) {
        return list.get(i);
      }
    }
    return null;
  }

  /** The answer when there is nothing to read, else null. */
  private @Nullable RawRange answerWithout(@Nullable Segment segment, long lsn) {
    if (segment == null) {
      var list = segments.list();
      return list.isEmpty()
          ? new RawRange.Failed(new Fault.Retriable("the log is closed, log=" + log))
          : new RawRange.Trimmed(list.getFirst().baseLsn());
    }
    long endLsn = segment.endLsn();
    if (lsn < endLsn) {
      return null;
    }
    return lsn == endLsn
        ? new RawRange.AtEnd()
        : new RawRange.Failed(
            new Fault.Refused(
                Refusal.OFFSET_OUT_OF_RANGE, "lsn " + lsn + ", the log ends at " + endLsn));
  }

  private Fault notAGroup(long lsn) {
    return new Fault.Refused(
        Refusal.OFFSET_OUT_OF_RANGE, "no write group begins at lsn " + lsn + ", log=" + log);
  }

  /** Bytes of the whole groups at the position, at least one if there is one; 0 if none is. */
  private int wholeGroups(ByteBuffer bytes, long lsn, int maxBytes) {
    var groups = new GroupScanner(log);
    int from = bytes.position();
    int size = 0;
    while (size < bytes.remaining()) {
      int next = groups.groupBytes(bytes.duplicate().position(from + size), lsn + size);
      if (next < 0 || size + next > bytes.remaining() || (size > 0 && size + next > maxBytes)) {
        break;
      }
      size += next;
    }
    return size;
  }

  /**
   * Reads a copy from the files and checks every byte. Blocking. A copy, because the end of the log
   * may be cut while it is being sent, and a mapping of what was cut must not be touched.
   */
  public RawRange fromFiles(long lsn, int maxBytes) {
    var segment = find(segments.list(), lsn);
    var answer = answerWithout(segment, lsn);
    if (answer != null || segment == null) {
      return answer == null ? new RawRange.Trimmed(lsn) : answer;
    }
    if (!segment.tryRetain()) {
      return new RawRange.Trimmed(segment.endLsn());
    }
    try {
      return read(segment, lsn, maxBytes);
    } catch (IOException e) {
      return new RawRange.Failed(
          new Fault.Broken("segment cannot be read, segment=" + segment.name(), e));
    } finally {
      segment.release();
    }
  }

  private RawRange read(Segment segment, long lsn, int maxBytes) throws IOException {
    long available = segment.endLsn() - lsn;
    var bytes = bytes(segment, lsn, (int) Math.min(available, maxBytes));
    int first = new GroupScanner(log).groupBytes(bytes, lsn);
    if (first < 0 && bytes.remaining() < FrameFormat.GROUP_START_BYTES) {
      bytes = bytes(segment, lsn, (int) Math.min(available, FrameFormat.GROUP_START_BYTES));
      first = new GroupScanner(log).groupBytes(bytes, lsn);
    }
    if (first < 0 || first > available) {
      return new RawRange.Failed(damaged(segment, lsn, "no write group begins here"));
    }
    if (first > bytes.remaining()) {
      bytes = bytes(segment, lsn, first);
    }
    return checked(segment, lsn, bytes);
  }

  private static ByteBuffer bytes(Segment segment, long lsn, int size) throws IOException {
    var bytes = ByteBuffer.allocate(size);
    segment.file().read(bytes, lsn - segment.baseLsn());
    return bytes.flip();
  }

  /** The whole groups at the start of the bytes; the rest may be a part of one. */
  private RawRange checked(Segment segment, long lsn, ByteBuffer bytes) {
    var groups = new GroupScanner(log);
    int size = 0;
    while (size < bytes.limit()) {
      var rest = bytes.duplicate().position(size);
      int next = groups.groupBytes(rest, lsn + size);
      boolean isCut =
          next < 0 ? rest.remaining() < FrameFormat.GROUP_START_BYTES : next > rest.remaining();
      if (size > 0 && isCut) {
        break;
      }
      if (!(groups.scan(rest, lsn + size) instanceof GroupScan.Whole)) {
        return new RawRange.Failed(damaged(segment, lsn + size, "a write group is damaged"));
      }
      size += next;
    }
    return new RawRange.Groups(new RawGroups(lsn, segment.baseLsn(), bytes.limit(size)), () -> {});
  }

  private Fault damaged(Segment segment, long lsn, String what) {
    return new Fault.Broken(what + ", log=" + log + " segment=" + segment.name() + " lsn=" + lsn);
  }
}
