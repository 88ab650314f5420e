package io.tidelog.chaos.copy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One node's copy of a segment log, as its files are, see {@code docs/formats/segment-log.md}.
 * Nobody may be writing them.
 *
 * @param segments files by the LSN each begins with
 * @param startLsn of the first byte that is held
 * @param endLsn behind the last write group that is whole and follows those before it
 * @param commitLsn highest that a write group of this copy knows
 * @param strayLsn of the next write group behind that end, which nothing leads to; {@link #NONE}
 *     when the copy just ends
 */
record LogCopy(
    String node,
    NavigableMap<Long, Path> segments,
    long startLsn,
    long endLsn,
    long commitLsn,
    long strayLsn) {

  /** In place of an LSN. */
  static final long NONE = -1;

  private static final int ALIGNMENT = 8;

  private static final String SUFFIX = ".seg";
  private static final int MAGIC = 0x54444c31;
  private static final byte GROUP_START = 1;
  private static final int CHECKED_FROM = 8;
  private static final int HEADER_BYTES = 48;

  /** Header, commit LSN, size of the group, zero. */
  private static final int GROUP_START_BYTES = HEADER_BYTES + 16;

  /**
   * @param folder of the log at this node
   */
  static LogCopy read(String node, UUID log, Path folder) throws IOException {
    var segments = segments(folder);
    if (segments.isEmpty() || Files.exists(folder.resolve("reset.begun"))) {
      return new LogCopy(node, new TreeMap<>(), 0, 0, 0, NONE);
    }
    long end = segments.firstKey();
    long commit = 0;
    for (var segment : segments.entrySet()) {
      if (segment.getKey() != end) {
        break;
      }
      var next = segments.higherKey(segment.getKey());
      try (var file = FileChannel.open(segment.getValue(), StandardOpenOption.READ)) {
        long limit = next == null ? Long.MAX_VALUE : next;
        for (var group = group(log, file, segment.getKey(), end);
            group != null && end + group.bytes() <= limit;
            group = group(log, file, segment.getKey(), end)) {
          end += group.bytes();
          commit = Math.max(commit, group.commitLsn());
        }
      }
    }
    return new LogCopy(
        node, segments, segments.firstKey(), end, commit, nextGroup(log, segments, end));
  }

  private static long nextGroup(UUID log, NavigableMap<Long, Path> segments, long endLsn)
      throws IOException {
    var first = segments.floorKey(endLsn);
    for (var segment : segments.tailMap(first == null ? endLsn : first, true).entrySet()) {
      long base = segment.getKey();
      try (var file = FileChannel.open(segment.getValue(), StandardOpenOption.READ)) {
        // Not mapped: what is mapped cannot be unmounted.
        var bytes = ByteBuffer.allocate((int) file.size());
        readFully(file, bytes, 0);
        for (int at = (int) Math.max(0, endLsn - base);
            at + Integer.BYTES <= bytes.limit();
            at += ALIGNMENT) {
          if (bytes.getInt(at) == MAGIC && group(log, file, base, base + at) != null) {
            return base + at;
          }
        }
      }
    }
    return NONE;
  }

  private static NavigableMap<Long, Path> segments(Path folder) throws IOException {
    var segments = new TreeMap<Long, Path>();
    try (Stream<Path> files = Files.list(folder)) {
      for (var file : files.toList()) {
        var name = file.getFileName().toString();
        if (name.matches("\\d{20}\\" + SUFFIX)) {
          segments.put(Long.parseLong(name.substring(0, name.length() - SUFFIX.length())), file);
        }
      }
    }
    return segments;
  }

  private record Group(long bytes, long commitLsn) {}

  /** The write group at an LSN; null when none begins there, or it is cut off. */
  private static @Nullable Group group(UUID log, FileChannel file, long baseLsn, long lsn)
      throws IOException {
    long position = lsn - baseLsn;
    var frame = ByteBuffer.allocate(GROUP_START_BYTES);
    if (position + GROUP_START_BYTES > file.size()) {
      return null;
    }
    readFully(file, frame, position);
    if (frame.getInt(0) != MAGIC
        || frame.get(CHECKED_FROM) != GROUP_START
        || frame.getInt(4) != checksum(log, lsn, frame)) {
      return null;
    }
    long bytes = frame.getInt(HEADER_BYTES + Long.BYTES);
    return bytes < GROUP_START_BYTES || position + bytes > file.size()
        ? null
        : new Group(bytes, frame.getLong(HEADER_BYTES));
  }

  private static int checksum(UUID log, long lsn, ByteBuffer frame) {
    var place =
        ByteBuffer.allocate(3 * Long.BYTES)
            .putLong(log.getMostSignificantBits())
            .putLong(log.getLeastSignificantBits())
            .putLong(lsn);
    var crc = new CRC32C();
    crc.update(place.flip());
    crc.update(frame.array(), CHECKED_FROM, GROUP_START_BYTES - CHECKED_FROM);
    return (int) crc.getValue();
  }

  /** The segment that an LSN is in. */
  Map.Entry<Long, Path> segmentAt(long lsn) {
    var segment = segments.floorEntry(lsn);
    if (segment == null) {
      throw new IllegalArgumentException(node + " holds nothing at " + lsn);
    }
    return segment;
  }

  /** Where the segment that begins there ends. */
  long endOfSegment(long baseLsn) {
    var next = segments.higherKey(baseLsn);
    return next == null ? endLsn : Math.min(next, endLsn);
  }

  static void readFully(FileChannel file, ByteBuffer into, long position) throws IOException {
    long at = position;
    while (into.hasRemaining()) {
      int read = file.read(into, at);
      if (read < 0) {
        throw new IOException("a file ends before byte " + (at + into.remaining()));
      }
      at += read;
    }
  }
}
