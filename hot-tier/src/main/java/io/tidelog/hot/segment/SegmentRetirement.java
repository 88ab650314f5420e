package io.tidelog.hot.segment;

import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What becomes of a segment that nobody holds: its file is closed, and, when it was trimmed,
 * deleted or made a spare. Files that cannot be deleted now are deleted by the next recovery.
 */
final class SegmentRetirement implements Consumer<Segment> {

  private final LogDisk disk;
  private final SpareSegments spares;
  private final Executor background;
  private final Consumer<IOException> onFailure;

  SegmentRetirement(
      LogDisk disk, SpareSegments spares, Executor background, Consumer<IOException> onFailure) {
    this.disk = disk;
    this.spares = spares;
    this.background = background;
    this.onFailure = onFailure;
  }

  /** Does not block: the work is done by the background executor. */
  @Override
  public void accept(Segment segment) {
    background.execute(() -> retire(segment));
  }

  private void retire(Segment segment) {
    try {
      segment.close();
      if (segment.isTrimmed()) {
        disk.delete(SegmentNames.of(segment.baseLsn(), SegmentNames.INDEX));
        var name = SegmentSet.trimmedName(segment);
        if (spares.isWanted()) {
          spares.recycle(name);
        } else {
          disk.delete(name);
        }
        disk.syncDirectory();
      }
    } catch (IOException e) {
      onFailure.accept(e);
    }
  }
}
