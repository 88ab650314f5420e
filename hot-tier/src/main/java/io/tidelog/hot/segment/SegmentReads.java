package io.tidelog.hot.segment;

import io.tidelog.core.Fault;
import io.tidelog.core.log.RecordBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one partition's batches from the segments of a log: from memory and the page cache on any
 * thread, else from the files on a thread that may block. Safe for any number of threads.
 */
public final class SegmentReads {

  /** A contiguous run of at least this size is sent from the file; smaller ones are gathered. */
  public static final int MIN_FILE_PART_BYTES = 64 << 10;

  /**
   * Below this average, parts in memory are copied into one buffer: fewer, larger socket writes.
   */
  public static final int MIN_MEMORY_PART_BYTES = 8 << 10;

  /** Twice what consumers ask of a partition by default; checked at about 25 µs a MiB. */
  private static final int MAX_CACHED_READ_BYTES = 2 << 20;

  private final SegmentSet segments;
  private final MemoryReads memory;

  SegmentReads(SegmentSet segments, TailRing ring) {
    this.segments = segments;
    this.memory = new MemoryReads(segments, ring);
  }

  /**
   * Reads what is in memory, without blocking; fewer bytes than asked for when the rest is not.
   *
   * @return null when the first batch is not in memory: then read {@link #fromCache}
   */
  public @Nullable RecordBytes fromMemory(SegmentRead read) {
    return read.startOffset() >= read.endOffset() ? RecordBytes.EMPTY : memory.read(read);
  }

  /**
   * As {@link #fromFiles}, where it takes no waiting for the disk.
   *
   * @return null when it does, or is too long to be read by a thread that others wait for
   */
  public @Nullable RecordBytes fromCache(SegmentRead read) {
    if (read.maxBytes() > MAX_CACHED_READ_BYTES) {
      return null;
    }
    try {
      return fromFiles(read, FileAccess.CACHED);
    } catch (FileAccess.NotCached e) {
      return null;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * Reads from the files. Blocking; what is large stays in its file for the caller to send.
   *
   * @throws Fault.Retriable when the start was trimmed
   * @throws Fault.Broken when a file cannot be read or is damaged
   */
  public RecordBytes fromFiles(SegmentRead read) {
    try {
      return fromFiles(read, FileAccess.WAITING);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static Fault.Broken unreadable(IOException e) {
    return new Fault.Broken("segment cannot be read", e);
  }

  private RecordBytes fromFiles(SegmentRead read, FileAccess access) throws IOException {
    if (read.startOffset() >= read.endOffset()) {
      return RecordBytes.EMPTY;
    }
    try (var pieces = new FilePieces(access)) {
      var list = segments.list();
      boolean last = false;
      int start = firstWith(list, read, access);
      if (start == list.size()) {
        throw trimmed(read);
      }
      for (int i = start; i < list.size() && !last; i++) {
        var segment = list.get(i);
        if (!segment.tryRetain()) {
          throw trimmed(read);
        }
        pieces.hold(segment);
        var run = access.index(segment).run(read.partitionRef());
        if (run != null) {
          if (pieces.isEmpty()) {
            requireStart(read, run);
          }
          last = collect(segment, run, read, pieces);
        }
      }
      return pieces.toBytes();
    }
  }

  /** Gives whether the read ends in this segment. */
  private static boolean collect(Segment segment, IndexRun run, SegmentRead read, FilePieces pieces)
      throws IOException {
    for (int entry = run.firstEndingAfter(read.startOffset()); entry < run.count(); entry++) {
      if (run.baseOffset(entry) >= read.endOffset()) {
        return true;
      }
      if (!pieces.isEmpty() && pieces.sizeBytes() >= read.maxBytes()) {
        return true;
      }
      int budget = read.maxBytes() - pieces.sizeBytes();
      boolean first = read.atLeastOne() && pieces.isEmpty();
      var cut = BatchCut.of(run, entry, read, budget, first, pieces.bytesOf(segment));
      if (cut.sizeBytes() > 0) {
        pieces.add(segment, cut.position(), cut.sizeBytes());
      }
      if (cut.last()) {
        return true;
      }
    }
    return false;
  }

  private static void requireStart(SegmentRead read, IndexRun run) {
    int entry = run.firstEndingAfter(read.startOffset());
    if (entry < run.count() && run.baseOffset(entry) > read.startOffset()) {
      throw trimmed(read);
    }
  }

  private static Fault.Retriable trimmed(SegmentRead read) {
    return new Fault.Retriable(
        "offset is no longer in the hot tier, partitionRef="
            + read.partitionRef()
            + " offset="
            + read.startOffset());
  }

  /**
   * The first segment whose run ends behind the start. Runs of a partition lie in offset order over
   * the segments, though not every segment has one: a binary search that steps over those without.
   */
  private static int firstWith(List<Segment> list, SegmentRead read, FileAccess access)
      throws FileAccess.NotCached {
    int low = 0;
    int high = list.size();
    int found = list.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      int probe = middle;
      long end = -1;
      while (probe < high && end < 0) {
        end = endOffset(list.get(probe), read.partitionRef(), access);
        probe += end < 0 ? 1 : 0;
      }
      if (end < 0) {
        high = middle;
      } else if (end > read.startOffset()) {
        found = probe;
        high = middle;
      } else {
        low = probe + 1;
      }
    }
    return found;
  }

  /** End of the partition's run in the segment, or −1 when it has none, or was trimmed. */
  private static long endOffset(Segment segment, int partitionRef, FileAccess access)
      throws FileAccess.NotCached {
    if (!segment.tryRetain()) {
      return -1;
    }
    try {
      var run = access.index(segment).run(partitionRef);
      return run == null ? -1 : run.endOffset();
    } finally {
      segment.release();
    }
  }

  /**
   * Reads the first batch that ends behind {@code read.startOffset()}, has a record at or after the
   * time, and ends before {@code read.endOffset()}; empty when there is none. Blocking; the size
   * limit is not looked at.
   *
   * @throws Fault.Retriable when the start was trimmed: what was wanted may have gone with it
   * @throws Fault.Broken when a file cannot be read or is damaged
   */
  public RecordBytes firstAtOrAfter(SegmentRead read, long timestampMs) {
    try (var pieces = new FilePieces(FileAccess.WAITING)) {
      var list = segments.list();
      boolean last = false;
      boolean started = false;
      int start = firstWith(list, read, FileAccess.WAITING);
      if (start == list.size()) {
        throw trimmed(read);
      }
      for (int i = start; i < list.size() && !last; i++) {
        var segment = list.get(i);
        if (!segment.tryRetain()) {
          throw trimmed(read);
        }
        pieces.hold(segment);
        var run = segment.index().run(read.partitionRef());
        if (run != null && !started) {
          requireStart(read, run);
          started = true;
        }
        last = run != null && findByTime(segment, run, read, timestampMs, pieces);
      }
      return pieces.toBytes();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static boolean findByTime(
      Segment segment, IndexRun run, SegmentRead read, long timestampMs, FilePieces pieces)
      throws IOException {
    if (run.maxTimestampMs() < timestampMs) {
      return false;
    }
    int entry = run.firstAtOrAfter(timestampMs, run.firstEndingAfter(read.startOffset()));
    while (entry < run.count()) {
      var cut = BatchCut.firstAtOrAfter(run, entry, read, timestampMs, pieces.bytesOf(segment));
      if (cut.sizeBytes() > 0) {
        pieces.add(segment, cut.position(), cut.sizeBytes());
      }
      if (cut.last()) {
        return true;
      }
      entry = run.firstAtOrAfter(timestampMs, entry + 1);
    }
    return false;
  }

  /** Stretches of files, and holds on their segments until they are given away or closed. */
  private static final class FilePieces implements AutoCloseable {
    private record Piece(Segment segment, int position, int sizeBytes) {}

    private final FileAccess access;
    private final List<Piece> pieces = new ArrayList<>();
    private List<Segment> held = new ArrayList<>();
    private int sizeBytes;

    FilePieces(FileAccess access) {
      this.access = access;
    }

    BatchCut.Bytes bytesOf(Segment segment) {
      return (position, size) -> access.bytes(segment, position, size);
    }

    /** Takes one hold of the segment. */
    void hold(Segment segment) {
      held.add(segment);
    }

    void add(Segment segment, int position, int size) {
      pieces.add(new Piece(segment, position, size));
      sizeBytes += size;
    }

    boolean isEmpty() {
      return pieces.isEmpty();
    }

    int sizeBytes() {
      return sizeBytes;
    }

    RecordBytes toBytes() throws IOException {
      if (pieces.isEmpty()) {
        return RecordBytes.EMPTY;
      }
      List<RecordBytes.Part> parts = new ArrayList<>();
      boolean inFiles = false;
      int from = 0;
      while (from < pieces.size()) {
        var piece = pieces.get(from);
        if (piece.sizeBytes() >= MIN_FILE_PART_BYTES) {
          parts.add(inFile(piece));
          inFiles = true;
          from++;
        } else {
          int to = from;
          while (to < pieces.size() && pieces.get(to).sizeBytes() < MIN_FILE_PART_BYTES) {
            to++;
          }
          parts.add(gather(pieces.subList(from, to)));
          from = to;
        }
      }
      List<Segment> kept = inFiles ? held : List.of();
      var bytes = new HeldBytes(parts, kept);
      if (inFiles) {
        held = new ArrayList<>();
      }
      return bytes;
    }

    private RecordBytes.FilePart inFile(Piece piece) throws IOException {
      return new RecordBytes.FilePart(
          piece.segment().file().channel(), piece.position(), bytes(piece));
    }

    private ByteBuffer bytes(Piece piece) throws IOException {
      return access.bytes(piece.segment(), piece.position(), piece.sizeBytes());
    }

    private RecordBytes.MemoryPart gather(List<Piece> pieces) throws IOException {
      int size = pieces.stream().mapToInt(Piece::sizeBytes).sum();
      var buffer = ByteBuffer.allocate(size);
      for (var piece : pieces) {
        buffer.put(bytes(piece));
      }
      return new RecordBytes.MemoryPart(buffer.flip());
    }

    @Override
    public void close() {
      held.forEach(Retained::release);
      held = new ArrayList<>();
    }
  }
}
