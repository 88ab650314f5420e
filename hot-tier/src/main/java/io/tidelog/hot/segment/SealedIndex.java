package io.tidelog.hot.segment;

import static io.tidelog.hot.segment.IndexFormat.HEADER_BYTES;
import static io.tidelog.hot.segment.IndexFormat.INT;
import static io.tidelog.hot.segment.IndexFormat.LONG;

import io.tidelog.core.LogId;
import io.tidelog.hot.disk.DiskFile;
import io.tidelog.hot.disk.LogDisk;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The index of a sealed segment, mapped from its {@code .idx} file. Immutable until closed. */
public final class SealedIndex implements SegmentIndex, AutoCloseable {

  private final Arena arena;
  private final MemorySegment bytes;
  private final int runCount;
  private final long entriesAt;
  private final long stampsAt;
  private final int stampCount;

  private SealedIndex(Arena arena, MemorySegment bytes, ByteBuffer header) {
    this.arena = arena;
    this.bytes = bytes;
    this.runCount = header.getInt(IndexFormat.HEADER_RUNS);
    this.stampCount = header.getInt(IndexFormat.HEADER_STAMPS);
    this.entriesAt = HEADER_BYTES + (long) runCount * IndexFormat.RUN_BYTES;
    this.stampsAt =
        entriesAt + (long) header.getInt(IndexFormat.HEADER_ENTRIES) * IndexFormat.ENTRY_BYTES;
  }

  /**
   * Blocking: maps and checks the index of the segment from {@code baseLsn} to {@code endLsn}.
   *
   * @return null when it is missing or damaged and has to be rebuilt from the segment
   * @throws IOException when it cannot be read
   */
  static @Nullable SealedIndex open(LogDisk disk, LogId log, long baseLsn, long endLsn)
      throws IOException {
    var name = SegmentNames.of(baseLsn, SegmentNames.INDEX);
    if (!disk.list().contains(name)) {
      return null;
    }
    var arena = Arena.ofShared();
    SealedIndex opened = null;
    try (var file = disk.open(name)) {
      var header = ByteBuffer.allocate(HEADER_BYTES);
      file.read(header, 0);
      header.position(0).limit(HEADER_BYTES);
      if (isSound(header, log, baseLsn, endLsn) && file.size() == expectedSize(header)) {
        if (bodyCrc(file) == header.getInt(IndexFormat.HEADER_BODY_CRC)) {
          opened = new SealedIndex(arena, file.map(0, file.size(), arena), header);
        }
      }
      return opened;
    } finally {
      if (opened == null) {
        arena.close();
      }
    }
  }

  private static boolean isSound(ByteBuffer header, LogId log, long baseLsn, long endLsn) {
    return header.getInt(IndexFormat.HEADER_MAGIC) == IndexFormat.MAGIC
        && header.getInt(IndexFormat.HEADER_CRC) == headerCrc(header)
        && header.getLong(IndexFormat.HEADER_LOG) == log.uuid().getMostSignificantBits()
        && header.getLong(IndexFormat.HEADER_LOG + 8) == log.uuid().getLeastSignificantBits()
        && header.getLong(IndexFormat.HEADER_BASE_LSN) == baseLsn
        && header.getLong(IndexFormat.HEADER_END_LSN) == endLsn
        && header.getInt(IndexFormat.HEADER_RUNS) >= 0
        && header.getInt(IndexFormat.HEADER_ENTRIES) >= 0
        && header.getInt(IndexFormat.HEADER_STAMPS) >= 0;
  }

  private static long expectedSize(ByteBuffer header) {
    return IndexFormat.fileBytes(
        header.getInt(IndexFormat.HEADER_RUNS),
        header.getInt(IndexFormat.HEADER_ENTRIES),
        header.getInt(IndexFormat.HEADER_STAMPS));
  }

  static int headerCrc(ByteBuffer header) {
    var crc = new CRC32C();
    crc.update(header.duplicate().limit(HEADER_BYTES).position(IndexFormat.HEADER_LOG));
    return (int) crc.getValue();
  }

  private static int bodyCrc(DiskFile file) throws IOException {
    var crc = new CRC32C();
    crc.update(file.view(HEADER_BYTES, Math.toIntExact(file.size() - HEADER_BYTES)));
    return (int) crc.getValue();
  }

  @Override
  public @Nullable IndexRun run(int partitionRef) {
    int low = 0;
    int high = runCount - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int found = bytes.get(INT, runAt(middle) + IndexFormat.RUN_PARTITION);
      if (found == partitionRef) {
        return new Run(partitionRef, runAt(middle));
      }
      if (found < partitionRef) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return null;
  }

  private static long runAt(int run) {
    return HEADER_BYTES + (long) run * IndexFormat.RUN_BYTES;
  }

  @Override
  public int[] partitionRefs() {
    int[] refs = new int[runCount];
    for (int i = 0; i < runCount; i++) {
      refs[i] = bytes.get(INT, runAt(i) + IndexFormat.RUN_PARTITION);
    }
    return refs;
  }

  @Override
  public AppendStamp stampAt(int position) {
    int low = 0;
    int high = stampCount - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (bytes.get(LONG, stampAddress(middle) + IndexFormat.STAMP_POSITION) <= position) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return new AppendStamp(
        bytes.get(LONG, stampAddress(low) + IndexFormat.STAMP_TERM),
        bytes.get(LONG, stampAddress(low) + IndexFormat.STAMP_APPEND_TIME));
  }

  private long stampAddress(int stamp) {
    return stampsAt + (long) stamp * IndexFormat.STAMP_BYTES;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private final class Run implements IndexRun {
    private final int ref;
    private final int count;
    private final long firstEntryAt;
    private final long endOffset;
    private final long maxTimestampMs;

    Run(int ref, long runAt) {
      this.ref = ref;
      this.count = bytes.get(INT, runAt + IndexFormat.RUN_COUNT);
      long firstEntry = bytes.get(LONG, runAt + IndexFormat.RUN_FIRST_ENTRY);
      this.firstEntryAt = entriesAt + firstEntry * IndexFormat.ENTRY_BYTES;
      this.endOffset = bytes.get(LONG, runAt + IndexFormat.RUN_END_OFFSET);
      this.maxTimestampMs = bytes.get(LONG, runAt + IndexFormat.RUN_MAX_TIMESTAMP);
    }

    private long at(int entry, int field) {
      return firstEntryAt + (long) entry * IndexFormat.ENTRY_BYTES + field;
    }

    @Override
    public int partitionRef() {
      return ref;
    }

    @Override
    public int count() {
      return count;
    }

    @Override
    public long baseOffset(int entry) {
      return bytes.get(LONG, at(entry, IndexFormat.ENTRY_BASE_OFFSET));
    }

    @Override
    public long endOffset(int entry) {
      return entry == count - 1 ? endOffset : baseOffset(entry + 1);
    }

    @Override
    public long maxTimestampMs(int entry) {
      return bytes.get(LONG, at(entry, IndexFormat.ENTRY_MAX_TIMESTAMP));
    }

    @Override
    public int position(int entry) {
      return bytes.get(INT, at(entry, IndexFormat.ENTRY_POSITION));
    }

    @Override
    public int sizeBytes(int entry) {
      return bytes.get(INT, at(entry, IndexFormat.ENTRY_SIZE));
    }

    @Override
    public long maxTimestampMs() {
      return maxTimestampMs;
    }
  }
}
