package io.tidelog.hot.segment;

import io.tidelog.core.LogId;
import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Finishes one sealed segment: cuts its file to what was written and writes its index. Run on a
 * background thread, then published on the lane; a segment whose seal failed is served from its
 * active index until the next start, which rebuilds it.
 */
public final class SegmentSeal {

  private final LogDisk disk;
  private final LogId log;
  private final Segment segment;
  private @Nullable SealedIndex sealedIndex;

  SegmentSeal(LogDisk disk, LogId log, Segment segment) {
    this.disk = disk;
    this.log = log;
    this.segment = segment;
  }

  public Segment segment() {
    return segment;
  }

  /** Blocking. */
  public void run() throws IOException {
    segment.file().truncate(segment.sizeBytes());
    if (segment.loadedIndex() instanceof ActiveIndex active) {
      new IndexFileWriter(disk, log).write(segment.baseLsn(), segment.endLsn(), active);
      sealedIndex = SealedIndex.open(disk, log, segment.baseLsn(), segment.endLsn());
    }
  }

  /** Lane: the mapped index takes over if there is one, and the segment is let go. Once. */
  void publish() {
    if (sealedIndex != null) {
      segment.replaceIndex(sealedIndex);
    }
    segment.release();
  }
}
