package io.tidelog.hot.segment;

import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Disk space held back by a file of zeros, given up when the disk is full so that the frames that
 * free space (cold commits, log starts) can be written.
 */
final class SpaceReserve {

  private static final int FILL_BYTES = 1 << 20;

  private final LogDisk disk;
  private final int reserveBytes;

  SpaceReserve(LogDisk disk, SegmentConfig config) {
    this.disk = disk;
    this.reserveBytes = config.reserveBytes();
  }

  /** Gives the space to whoever writes next. Short enough for the lane. */
  void release() throws IOException {
    disk.delete(SegmentNames.RESERVE);
  }

  /** Blocking: takes the space back if it was given up, and some is free beside it. */
  void restore() throws IOException {
    if (reserveBytes == 0 || isWhole() || disk.usableBytes() < 2L * reserveBytes) {
      return;
    }
    disk.delete(SegmentNames.RESERVE);
    try (var file = disk.create(SegmentNames.RESERVE)) {
      var zeros = ByteBuffer.allocateDirect(Math.min(FILL_BYTES, reserveBytes));
      for (long at = 0; at < reserveBytes; at += zeros.limit()) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), reserveBytes - at));
        file.write(zeros, at);
      }
      file.sync();
    }
  }

  private boolean isWhole() throws IOException {
    if (!disk.list().contains(SegmentNames.RESERVE)) {
      return false;
    }
    try (var file = disk.open(SegmentNames.RESERVE)) {
      return file.size() >= reserveBytes;
    }
  }
}
