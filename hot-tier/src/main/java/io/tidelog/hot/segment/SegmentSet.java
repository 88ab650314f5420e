package io.tidelog.hot.segment;

import io.tidelog.core.Fault;
import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a log, oldest first, the last one active. The lane changes the list; any thread
 * reads it, and holds a segment before it touches its file.
 */
public final class SegmentSet {

  private final LogDisk disk;
  private volatile List<Segment> segments;

  SegmentSet(LogDisk disk, List<Segment> segments) {
    this.disk = disk;
    this.segments = List.copyOf(segments);
  }

  /** As they are now; hold one with {@link #retain} before reading from it. */
  public List<Segment> list() {
    return segments;
  }

  /** First LSN that is still here. */
  public long startLsn() {
    return segments.getFirst().baseLsn();
  }

  public Segment active() {
    return segments.getLast();
  }

  /** Bytes of records and frames in all segments. */
  public long sizeBytes() {
    return active().endLsn() - startLsn();
  }

  /** The segment that begins at this LSN, held for the caller, or null when it is gone. */
  @Nullable Segment retain(long baseLsn) {
    for (var segment : segments) {
      if (segment.baseLsn() == baseLsn && segment.tryRetain()) {
        return segment;
      }
    }
    return null;
  }

  void add(Segment segment) {
    var more = new ArrayList<>(segments);
    more.add(segment);
    segments = List.copyOf(more);
  }

  /**
   * Lane: forgets the sealed segments that end at or before {@code lsn}. Their files go, or become
   * spares, when the last reader has let go.
   *
   * @return how many bytes were forgotten
   * @throws Fault.Retriable when the disk refuses; the rest stays
   */
  public long trimBefore(long lsn) {
    long freed = 0;
    while (segments.size() > 1 && segments.getFirst().endLsn() <= lsn) {
      var oldest = segments.getFirst();
      try {
        disk.rename(oldest.name(), trimmedName(oldest));
      } catch (IOException e) {
        throw new Fault.Retriable("segment cannot be trimmed, segment=" + oldest.name(), e);
      }
      segments = List.copyOf(segments.subList(1, segments.size()));
      freed += oldest.sizeBytes();
      oldest.markTrimmed();
      oldest.release();
    }
    return freed;
  }

  static String trimmedName(Segment segment) {
    return SegmentNames.of(segment.baseLsn(), SegmentNames.TRIMMED);
  }

  /** Lane, when the log is given up: lets go of every segment; their files stay. */
  void releaseAll() {
    var all = segments;
    segments = List.of();
    all.forEach(Segment::release);
  }
}
