package io.tidelog.hot.segment;

import io.tidelog.core.Fault;
import io.tidelog.core.log.RecordBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads of the log's tail from the ring; never blocks. Safe for any number of threads. */
final class MemoryReads {

  private final SegmentSet segments;
  private final TailRing ring;

  MemoryReads(SegmentSet segments, TailRing ring) {
    this.segments = segments;
    this.ring = ring;
  }

  @Nullable RecordBytes read(SegmentRead read) {
    var list = segments.list();
    var pieces = new Pieces();
    boolean last = false;
    for (int i = firstInMemory(list, read); i < list.size() && !last; i++) {
      var segment = list.get(i);
      if (!segment.tryRetain()) {
        break;
      }
      try {
        var index = segment.loadedIndex();
        var run = index == null ? null : index.run(read.partitionRef());
        last = index == null || (run != null && collect(segment, run, read, pieces));
      } finally {
        segment.release();
      }
    }
    return pieces.toBytes();
  }

  /** The segment in the ring's reach whose run contains the start, or the list's size. */
  private int firstInMemory(List<Segment> list, SegmentRead read) {
    long ringStart = ring.startLsn();
    for (int i = list.size() - 1; i >= 0 && list.get(i).endLsn() > ringStart; i--) {
      var segment = list.get(i);
      if (!segment.tryRetain()) {
        break;
      }
      try {
        var index = segment.loadedIndex();
        var run = index == null ? null : index.run(read.partitionRef());
        if (run != null && run.startOffset() <= read.startOffset()) {
          return run.endOffset() > read.startOffset() ? i : list.size();
        }
      } finally {
        segment.release();
      }
    }
    return list.size();
  }

  /** Gives whether the read ends here. */
  private boolean collect(Segment segment, IndexRun run, SegmentRead read, Pieces pieces) {
    for (int entry = run.firstEndingAfter(read.startOffset()); entry < run.count(); entry++) {
      if (run.baseOffset(entry) >= read.endOffset()) {
        return true;
      }
      int position = run.position(entry);
      var chunk = pieces.chunk(ring, segment.baseLsn() + position, run.sizeBytes(entry));
      if (chunk == null) {
        return true;
      }
      int budget = read.maxBytes() - pieces.sizeBytes;
      boolean first = read.atLeastOne() && pieces.parts.isEmpty();
      var whole = chunk.slice(segment.baseLsn() + position, run.sizeBytes(entry));
      var cut = cut(run, entry, read, budget, first, (at, size) -> whole.position(at - position));
      pieces.found = true;
      if (cut.sizeBytes() > 0) {
        pieces.add(chunk.slice(segment.baseLsn() + cut.position(), cut.sizeBytes()));
      }
      if (cut.last() || pieces.sizeBytes >= read.maxBytes()) {
        return true;
      }
    }
    return false;
  }

  private static BatchCut cut(
      IndexRun run, int entry, SegmentRead read, int budget, boolean first, BatchCut.Bytes bytes) {
    try {
      return BatchCut.of(run, entry, read, budget, first, bytes);
    } catch (IOException e) {
      throw new Fault.Broken("memory cannot be read", e);
    }
  }

  /** Slices of chunks, and holds on the chunks. */
  private static final class Pieces {
    final List<RecordBytes.Part> parts = new ArrayList<>();
    final List<RingChunk> held = new ArrayList<>();
    int sizeBytes;

    /** The first batch was in memory, whether or not the read's limits let it through. */
    boolean found;

    /** The chunk that holds the bytes, held once however often it is asked for. */
    @Nullable RingChunk chunk(TailRing ring, long lsn, int size) {
      if (!held.isEmpty()) {
        var newest = held.getLast();
        if (newest.baseLsn <= lsn && lsn + size <= newest.endLsn()) {
          return newest;
        }
      }
      var chunk = ring.retain(lsn, size);
      if (chunk != null) {
        held.add(chunk);
      }
      return chunk;
    }

    void add(ByteBuffer slice) {
      parts.add(new RecordBytes.MemoryPart(slice));
      sizeBytes += slice.remaining();
    }

    @Nullable RecordBytes toBytes() {
      if (parts.isEmpty()) {
        held.forEach(Retained::release);
        return found ? RecordBytes.EMPTY : null;
      }
      if (parts.size() > 1 && sizeBytes / parts.size() < SegmentReads.MIN_MEMORY_PART_BYTES) {
        var copy = copied();
        held.forEach(Retained::release);
        return new HeldBytes(List.of(new RecordBytes.MemoryPart(copy)), List.of());
      }
      return new HeldBytes(parts, held);
    }

    private ByteBuffer copied() {
      var copy = ByteBuffer.allocate(sizeBytes);
      for (var part : parts) {
        copy.put(part.bytes().duplicate());
      }
      return copy.flip();
    }
  }
}
