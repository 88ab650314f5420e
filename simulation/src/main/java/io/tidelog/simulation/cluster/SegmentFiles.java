package io.tidelog.simulation.cluster;

import io.tidelog.hot.format.FrameFormat;
import io.tidelog.hot.format.FrameType;
import io.tidelog.simulation.disk.SimDisk;
import io.tidelog.simulation.log.Violation;
import java.nio.ByteBuffer;
import java.util.NavigableSet;
import java.util.TreeSet;

/** The segments of a node as they lie on its disk, whatever any class of the log believes. */
record SegmentFiles(SimDisk disk) {

  private static final String SUFFIX = ".seg";

  /** Of the size of a write group, from its beginning. */
  private static final int GROUP_SIZE_POSITION = FrameFormat.HEADER_BYTES + Long.BYTES;

  private NavigableSet<Long> all() {
    var bases = new TreeSet<Long>();
    for (var name : disk.list()) {
      if (name.endsWith(SUFFIX)) {
        bases.add(Long.parseLong(name.substring(0, name.length() - SUFFIX.length())));
      }
    }
    return bases;
  }

  private static String name(long base) {
    var digits = Long.toString(base);
    return "0".repeat(20 - digits.length()) + digits + SUFFIX;
  }

  /** Base LSNs from one LSN to before another. */
  NavigableSet<Long> bases(long fromLsn, long toLsn) {
    return all().subSet(fromLsn, true, toLsn, false);
  }

  /** The bytes from one LSN to another, which must be there. */
  byte[] read(long fromLsn, long toLsn) {
    var bytes = new byte[(int) (toLsn - fromLsn)];
    var bases = all();
    for (long lsn = fromLsn; lsn < toLsn; ) {
      Long base = bases.floor(lsn);
      Long next = bases.higher(lsn);
      long end = Math.min(toLsn, next == null ? toLsn : next);
      var contents = base == null ? new byte[0] : disk.contents(name(base));
      if (base == null || contents.length < end - base) {
        throw new Violation("no bytes at lsn " + lsn + ", segments " + bases);
      }
      System.arraycopy(
          contents, (int) (lsn - base), bytes, (int) (lsn - fromLsn), (int) (end - lsn));
      lsn = end;
    }
    return bytes;
  }

  /**
   * The highest commit LSN that a write group before the LSN tells. Damage behind it cannot be told
   * from what a crash tore.
   */
  long commitToldBefore(long endLsn) {
    Long base = all().lower(endLsn);
    if (base == null) {
      return 0;
    }
    var groups = ByteBuffer.wrap(read(base, endLsn));
    long told = 0;
    int size = 1;
    for (int at = 0; at < groups.limit() && size > 0; at += size) {
      told = Math.max(told, groups.getLong(at + FrameFormat.HEADER_BYTES));
      size = groups.getInt(at + GROUP_SIZE_POSITION);
    }
    return told;
  }

  /** Damages a bit below the LSN, in any segment; false when there is none. */
  boolean rot(long belowLsn, int which) {
    var candidates = all().headSet(belowLsn, false).stream().toList();
    if (candidates.isEmpty()) {
      return false;
    }
    long base = candidates.get(which % candidates.size());
    disk.rot(name(base), (int) Math.min(Integer.MAX_VALUE, belowLsn - base));
    return true;
  }

  /** Damages the base offset of a batch in the oldest segment, which its checksum leaves out. */
  void rotOffset() {
    var name = name(all().first());
    var bytes = ByteBuffer.wrap(disk.contents(name));
    int records = -1;
    for (int at = 0; at < bytes.limit() && bytes.getInt(at) == FrameFormat.MAGIC; ) {
      if (bytes.get(at + FrameFormat.TYPE_POSITION) == FrameType.RECORDS.id()) {
        records = at;
      }
      at += FrameFormat.aligned(bytes.getInt(at + FrameFormat.SIZE_POSITION));
    }
    if (records < 0) {
      throw new IllegalStateException("no records in " + name);
    }
    disk.rotAt(name, records + FrameFormat.HEADER_BYTES + Long.BYTES - 1);
  }

  /** Deletes the oldest of several segments. */
  void deleteOldest() {
    var bases = all();
    if (bases.size() > 2) {
      disk.delete(name(bases.first()));
    }
  }
}
