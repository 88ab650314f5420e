package io.tidelog.hot.segment;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import io.tidelog.core.log.RecordBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one partition's batches from the segments of a log: from memory on any thread, else from
 * the files on a thread that may block. Safe for any number of threads.
 */
public final class SegmentReads {

  /** A contiguous run of at least this size is sent from the file; smaller ones are gathered. */
  public static final int MIN_FILE_PART_BYTES = 64 << 10;

  /**
   * Below this average, parts in memory are copied into one buffer: fewer, larger socket writes.
   */
  public static final int MIN_MEMORY_PART_BYTES = 8 << 10;

  private final SegmentSet segments;
  private final MemoryReads memory;

  SegmentReads(SegmentSet segments, TailRing ring) {
    this.segments = segments;
    this.memory = new MemoryReads(segments, ring);
  }

  /**
   * Reads what is in memory, without blocking; fewer bytes than asked for when the rest is not.
   *
   * @return null when the first batch is not in memory: then read {@link #fromFiles}
   */
  public @Nullable RecordBytes fromMemory(SegmentRead read) {
    return read.startOffset() >= read.endOffset() ? RecordBytes.EMPTY : memory.read(read);
  }

  /**
   * Reads from the files. Blocking; what is large stays in its file for the caller to send.
   *
   * @throws Fault.Retriable when the start was trimmed
   * @throws Fault.Broken when a file cannot be read or is damaged
   */
  public RecordBytes fromFiles(SegmentRead read) {
    if (read.startOffset() >= read.endOffset()) {
      return RecordBytes.EMPTY;
    }
    try (var pieces = new FilePieces()) {
      var list = segments.list();
      boolean last = false;
      int start = firstWith(list, read);
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
        if (run != null) {
          if (pieces.isEmpty()) {
            requireStart(read, run);
          }
          last = collect(segment, run, read, pieces);
        }
      }
      return pieces.toBytes();
    } catch (IOException e) {
      throw new Fault.Broken("segment cannot be read", e);
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
      var cut = BatchCut.of(run, entry, read, budget, first, headers(segment));
      if (cut.sizeBytes() > 0) {
        pieces.add(segment, cut.position(), cut.sizeBytes());
      }
      if (cut.last()) {
        return true;
      }
    }
    return false;
  }

  private static BatchCut.Headers headers(Segment segment) {
    var header = ByteBuffer.allocate(BatchHeader.SIZE_BYTES);
    return position -> {
      if (segment.file().read(header.clear(), position) < BatchHeader.SIZE_BYTES) {
        throw new IOException("segment ends inside a batch, segment=" + segment.name());
      }
      return header.flip();
    };
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
  private static int firstWith(List<Segment> list, SegmentRead read) {
    int low = 0;
    int high = list.size();
    int found = list.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      int probe = middle;
      long end = -1;
      while (probe < high && end < 0) {
        end = endOffset(list.get(probe), read.partitionRef());
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
  private static long endOffset(Segment segment, int partitionRef) {
    if (!segment.tryRetain()) {
      return -1;
    }
    try {
      var run = segment.index().run(partitionRef);
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
    try (var pieces = new FilePieces()) {
      var list = segments.list();
      boolean last = false;
      boolean started = false;
      int start = firstWith(list, read);
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
      throw new Fault.Broken("segment cannot be read", e);
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
      var cut = BatchCut.firstAtOrAfter(run, entry, read, timestampMs, headers(segment));
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

    private final List<Piece> pieces = new ArrayList<>();
    private List<Segment> held = new ArrayList<>();
    private int sizeBytes;

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
          parts.add(
              new RecordBytes.FilePart(
                  piece.segment().file().channel(), piece.position(), piece.sizeBytes()));
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

    private static RecordBytes.MemoryPart gather(List<Piece> pieces) throws IOException {
      int size = pieces.stream().mapToInt(Piece::sizeBytes).sum();
      var buffer = ByteBuffer.allocate(size);
      for (var piece : pieces) {
        buffer.limit(buffer.position() + piece.sizeBytes());
        if (piece.segment().file().read(buffer, piece.position()) < piece.sizeBytes()) {
          throw new IOException("segment is too short, segment=" + piece.segment().name());
        }
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
