package io.tidelog.hot.segment;

import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;
import java.util.List;

/**
 * What one sync makes durable. Made by {@link SegmentWriter#beginSync} on the lane, run on the sync
 * thread, then reported to the writer on the lane.
 */
public final class SyncTask {

  private final LogDisk disk;
  private final List<Segment> segments;
  private final boolean directory;
  private final long endLsn;

  SyncTask(LogDisk disk, List<Segment> segments, boolean directory, long endLsn) {
    this.disk = disk;
    this.segments = List.copyOf(segments);
    this.directory = directory;
    this.endLsn = endLsn;
  }

  /** Blocking. After a failure nothing may be written to these files again. */
  public void run() throws IOException {
    for (var segment : segments) {
      segment.file().sync();
    }
    if (directory) {
      disk.syncDirectory();
    }
  }

  /** Below it everything is durable when it has run. */
  public long endLsn() {
    return endLsn;
  }

  List<Segment> segments() {
    return segments;
  }
}
