package io.tidelog.hot.segment;

import io.tidelog.hot.disk.DiskFile;
import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Files whose every block was written before, waiting to become segments: overwriting them makes
 * {@code fdatasync} about twice as cheap as growing a file ({@code
 * docs/decisions/0002-segment-file-layout.md}). Trimmed segments become spares; the rest is written
 * with zeros, unless syncs are so large that this costs more than it saves. The lane takes; one
 * background thread at a time adds.
 */
final class SpareSegments {

  private static final int FILL_BYTES = 1 << 20;

  private final LogDisk disk;
  private final SegmentConfig config;
  private final ConcurrentLinkedQueue<DiskFile> ready = new ConcurrentLinkedQueue<>();
  private final AtomicLong nextNumber = new AtomicLong();

  /** Written by the lane. Before the first segment is full, syncs are taken to be small. */
  private volatile boolean hasSmallSyncs = true;

  private volatile boolean isClosed;

  SpareSegments(LogDisk disk, SegmentConfig config) {
    this.disk = disk;
    this.config = config;
  }

  /** Blocking, at start: forgets the spares of an earlier process; how full they are is unknown. */
  static void deleteLeftovers(LogDisk disk) throws IOException {
    for (var name : disk.list()) {
      if (name.startsWith(SegmentNames.SPARE_PREFIX)) {
        disk.delete(name);
      }
    }
  }

  /** Lane: a segment was sealed in which so many syncs were begun. */
  void onSealed(long segmentBytes, long syncs) {
    hasSmallSyncs = segmentBytes <= syncs * config.spareSyncBytes();
  }

  boolean isWanted() {
    return !isClosed && ready.size() < config.spareSegments();
  }

  /** Lane: gives a spare to its caller under the name {@code as}, or null when there is none. */
  @Nullable DiskFile take(String as) throws IOException {
    var spare = ready.poll();
    if (spare != null) {
      disk.rename(spare.name(), as);
    }
    return spare;
  }

  /**
   * Blocking: writes new spares until there are enough, if they are worth it.
   *
   * @return whether it could: not when the disk has no room to spare
   */
  boolean prepare() throws IOException {
    while (hasSmallSyncs && isWanted()) {
      if (disk.usableBytes() < 2L * config.segmentBytes() + config.resumeBytes()) {
        return false;
      }
      var name = nextName();
      disk.delete(name);
      fill(disk.create(name));
    }
    return true;
  }

  /** Blocking: takes over the file of this name, which nobody uses any more. */
  void recycle(String oldName) throws IOException {
    var name = nextName();
    disk.rename(oldName, name);
    // Durable before it is overwritten: the old name must never come back with other contents.
    disk.syncDirectory();
    fill(disk.open(name));
  }

  private String nextName() {
    return SegmentNames.SPARE_PREFIX + nextNumber.incrementAndGet() + SegmentNames.SPARE;
  }

  /** Zeros what lies behind the end of the file; old bytes never validate at another LSN. */
  private void fill(DiskFile file) throws IOException {
    boolean filled = false;
    try {
      var zeros = ByteBuffer.allocateDirect(Math.min(FILL_BYTES, config.segmentBytes()));
      for (long at = file.size(); at < config.segmentBytes(); at += zeros.limit()) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), config.segmentBytes() - at));
        file.write(zeros, at);
      }
      file.sync();
      ready.add(file);
      filled = true;
    } finally {
      if (!filled) {
        file.close();
        disk.delete(file.name());
      }
    }
  }

  /** Blocking: deletes them, and makes none any more. */
  void close() throws IOException {
    isClosed = true;
    var spare = ready.poll();
    while (spare != null) {
      spare.close();
      disk.delete(spare.name());
      spare = ready.poll();
    }
  }
}
