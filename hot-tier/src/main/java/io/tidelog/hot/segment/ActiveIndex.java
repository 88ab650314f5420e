package io.tidelog.hot.segment;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The dense index of the active segment: 32 bytes off heap and about 6 on it for a frame. The log's
 * lane adds; any thread reads: an entry is written first and then published by its partition's
 * count. It never forgets, and is dropped as a whole when the sealed index takes over.
 */
public final class ActiveIndex implements SegmentIndex {

  private static final int ENTRY_BYTES = 32;
  private static final int BASE_OFFSET = 0;
  private static final int MAX_TIMESTAMP = 8;
  private static final int END_OFFSET = 16;
  private static final int POSITION = 24;
  private static final int SIZE = 28;

  private static final int CHUNK_ENTRIES = 1 << 12;
  private static final int FIRST_PARTITION_ENTRIES = 4;

  /** Off-heap memory, freed when no reader holds this index any more. */
  private final Arena arena = Arena.ofAuto();

  private volatile MemorySegment[] chunks = {};
  private final PartitionTable partitions = new PartitionTable();

  // The lane's own.
  private int entryCount;
  private int[] stampPositions = new int[64];
  private long[] stampTerms = new long[64];
  private long[] stampTimesMs = new long[64];
  private int stampCount;

  /** A write group begins at {@code position}; groups come in order. */
  void addStamp(int position, long term, long appendTimeMs) {
    if (stampCount > 0
        && stampTerms[stampCount - 1] == term
        && stampTimesMs[stampCount - 1] == appendTimeMs) {
      return;
    }
    if (stampCount == stampPositions.length) {
      stampPositions = Arrays.copyOf(stampPositions, stampCount * 2);
      stampTerms = Arrays.copyOf(stampTerms, stampCount * 2);
      stampTimesMs = Arrays.copyOf(stampTimesMs, stampCount * 2);
    }
    stampPositions[stampCount] = position;
    stampTerms[stampCount] = term;
    stampTimesMs[stampCount] = appendTimeMs;
    stampCount++;
  }

  /** Adds a frame of records; the frames of one partition come in offset order. */
  void add(IndexEntry entry) {
    int id = entryCount++;
    var chunk = chunkForWrite(id);
    long at = (long) (id % CHUNK_ENTRIES) * ENTRY_BYTES;
    chunk.set(JAVA_LONG, at + BASE_OFFSET, entry.baseOffset());
    chunk.set(JAVA_LONG, at + MAX_TIMESTAMP, entry.maxTimestampMs());
    chunk.set(JAVA_LONG, at + END_OFFSET, entry.endOffset());
    chunk.set(JAVA_INT, at + POSITION, entry.position());
    chunk.set(JAVA_INT, at + SIZE, entry.sizeBytes());
    partitions.getOrAdd(entry.partitionRef()).publish(id, entry.maxTimestampMs());
  }

  private MemorySegment chunkForWrite(int id) {
    var current = chunks;
    int chunk = id / CHUNK_ENTRIES;
    if (chunk < current.length) {
      return current[chunk];
    }
    var more = Arrays.copyOf(current, current.length + 1);
    more[chunk] = arena.allocate((long) CHUNK_ENTRIES * ENTRY_BYTES, Long.BYTES);
    chunks = more;
    return more[chunk];
  }

  @Override
  public @Nullable IndexRun run(int partitionRef) {
    var partition = partitions.get(partitionRef);
    if (partition == null) {
      return null;
    }
    int count = partition.count;
    return count == 0 ? null : new Run(partition, count, chunks);
  }

  @Override
  public int[] partitionRefs() {
    return partitions.refs();
  }

  @Override
  public AppendStamp stampAt(int position) {
    int found = Arrays.binarySearch(stampPositions, 0, stampCount, position);
    int at = found >= 0 ? found : -found - 2;
    return new AppendStamp(stampTerms[at], stampTimesMs[at]);
  }

  int entryCount() {
    return entryCount;
  }

  int stampCount() {
    return stampCount;
  }

  int stampPosition(int stamp) {
    return stampPositions[stamp];
  }

  /** Append time of the first write group, or {@link Long#MAX_VALUE} when there is none. */
  long firstAppendTimeMs() {
    return stampCount == 0 ? Long.MAX_VALUE : stampTimesMs[0];
  }

  /** The entries of one partition, by number. Written by the lane only. */
  private static final class Partition {
    final int ref;
    private volatile int[] ids = new int[FIRST_PARTITION_ENTRIES];
    private volatile long maxTimestampMs = Long.MIN_VALUE;
    private volatile int count;

    Partition(int ref) {
      this.ref = ref;
    }

    void publish(int id, long timestampMs) {
      int at = count;
      var current = ids;
      if (at == current.length) {
        current = Arrays.copyOf(current, at * 2);
        ids = current;
      }
      current[at] = id;
      if (timestampMs > maxTimestampMs) {
        maxTimestampMs = timestampMs;
      }
      count = at + 1;
    }
  }

  /** An open-addressing table from number to partition; slots are published one by one. */
  private static final class PartitionTable {
    private volatile Slots slots = new Slots(64);
    private int size;

    @Nullable Partition get(int ref) {
      return slots.get(ref);
    }

    Partition getOrAdd(int ref) {
      var present = slots.get(ref);
      if (present != null) {
        return present;
      }
      if (++size * 2 > slots.length()) {
        slots = slots.grown();
      }
      var added = new Partition(ref);
      slots.put(added);
      return added;
    }

    int[] refs() {
      return slots.refs();
    }
  }

  private static final class Slots {
    private final AtomicReferenceArray<@Nullable Partition> array;

    Slots(int capacity) {
      this.array = new AtomicReferenceArray<>(capacity);
    }

    int length() {
      return array.length();
    }

    private int home(int ref) {
      int hash = ref * 0x9E3779B9;
      return (hash ^ (hash >>> 15)) & (array.length() - 1);
    }

    @Nullable Partition get(int ref) {
      int at = home(ref);
      while (true) {
        var found = array.getAcquire(at);
        if (found == null || found.ref == ref) {
          return found;
        }
        at = (at + 1) & (array.length() - 1);
      }
    }

    void put(Partition partition) {
      int at = home(partition.ref);
      while (array.getPlain(at) != null) {
        at = (at + 1) & (array.length() - 1);
      }
      array.setRelease(at, partition);
    }

    Slots grown() {
      var more = new Slots(array.length() * 2);
      for (int i = 0; i < array.length(); i++) {
        var partition = array.getPlain(i);
        if (partition != null) {
          more.put(partition);
        }
      }
      return more;
    }

    int[] refs() {
      return IntStream.range(0, array.length())
          .mapToObj(array::get)
          .filter(Objects::nonNull)
          .mapToInt(partition -> partition.ref)
          .sorted()
          .toArray();
    }
  }

  private static final class Run implements IndexRun {
    private final int ref;
    private final int[] ids;
    private final int count;
    private final MemorySegment[] chunks;
    private final long maxTimestampMs;

    Run(Partition partition, int count, MemorySegment[] chunks) {
      this.ref = partition.ref;
      this.ids = partition.ids;
      this.count = count;
      this.chunks = chunks;
      this.maxTimestampMs = partition.maxTimestampMs;
    }

    private MemorySegment chunk(int entry) {
      return chunks[ids[entry] / CHUNK_ENTRIES];
    }

    private long at(int entry, int field) {
      return (long) (ids[entry] % CHUNK_ENTRIES) * ENTRY_BYTES + field;
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
      return chunk(entry).get(JAVA_LONG, at(entry, BASE_OFFSET));
    }

    @Override
    public long endOffset(int entry) {
      return chunk(entry).get(JAVA_LONG, at(entry, END_OFFSET));
    }

    @Override
    public long maxTimestampMs(int entry) {
      return chunk(entry).get(JAVA_LONG, at(entry, MAX_TIMESTAMP));
    }

    @Override
    public int position(int entry) {
      return chunk(entry).get(JAVA_INT, at(entry, POSITION));
    }

    @Override
    public int sizeBytes(int entry) {
      return chunk(entry).get(JAVA_INT, at(entry, SIZE));
    }

    @Override
    public long maxTimestampMs() {
      return maxTimestampMs;
    }
  }
}
