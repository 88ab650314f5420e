package io.tidelog.hot.leader;

import io.tidelog.core.BatchHeader;
import io.tidelog.hot.format.FrameCodec;
import io.tidelog.hot.format.FrameFormat;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is gathered for the next write: frames in order, the batches of one partition together in
 * one frame as long as no control frame of that partition comes between. Borrows the buffers of the
 * batches until they are written. Belongs to the log's lane.
 */
public final class WriteGroup {

  /** A frame to be. */
  public sealed interface Entry {}

  /** Batches of one partition, in offset order without a gap. */
  public static final class RecordsEntry implements Entry {
    private final int partitionRef;
    private final List<ByteBuffer> buffers = new ArrayList<>(1);
    private final List<BatchHeader> batches = new ArrayList<>(1);
    private int sizeBytes;

    RecordsEntry(int partitionRef) {
      this.partitionRef = partitionRef;
    }

    public int partitionRef() {
      return partitionRef;
    }

    public List<ByteBuffer> buffers() {
      return buffers;
    }

    public List<BatchHeader> batches() {
      return batches;
    }

    /** Of the batches. */
    public int sizeBytes() {
      return sizeBytes;
    }

    public int recordCount() {
      return Math.toIntExact(countOf(batches));
    }
  }

  private static long countOf(List<BatchHeader> batches) {
    return batches.getLast().endOffset() - batches.getFirst().baseOffset();
  }

  /** A change of a partition or of the log. */
  public record ControlEntry(FrameAt frame) implements Entry {}

  private final LeaderLimits limits;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<Integer, RecordsEntry> lastOfPartition = new HashMap<>();
  private int sizeBytes = FrameFormat.GROUP_START_BYTES;
  private boolean hasRecords;

  public WriteGroup(LeaderLimits limits) {
    this.limits = limits;
  }

  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Whether records of this size go into this group; always, when it is empty. */
  public boolean hasRoomFor(int recordsBytes) {
    return isEmpty() || sizeBytes + recordsBytes + FrameFormat.HEADER_BYTES <= limits.groupBytes();
  }

  /** Adds what was accepted; borrows {@code records} until the group is written. */
  public void add(AppendDecision.Accept accepted, ByteBuffer records) {
    hasRecords = true;
    int from = records.position();
    int at = from;
    List<BatchHeader> batches = new ArrayList<>(1);
    for (var batch : accepted.batches()) {
      if (at > from && !fits(batches, at - from, batch)) {
        addToFrame(accepted.partitionRef(), records.slice(from, at - from), batches);
        batches = new ArrayList<>(1);
        from = at;
      }
      batches.add(batch);
      at += batch.sizeBytes();
    }
    addToFrame(accepted.partitionRef(), records.slice(from, at - from), batches);
  }

  private boolean fits(List<BatchHeader> batches, int sizeBytes, BatchHeader next) {
    return sizeBytes + next.sizeBytes() <= limits.frameBytes()
        && next.endOffset() - batches.getFirst().baseOffset() <= Integer.MAX_VALUE;
  }

  private void addToFrame(int partitionRef, ByteBuffer records, List<BatchHeader> batches) {
    var entry = lastOfPartition.get(partitionRef);
    int size = records.remaining();
    if (entry == null
        || entry.sizeBytes + size > limits.frameBytes()
        || countOf(entry.batches) + countOf(batches) > Integer.MAX_VALUE) {
      entry = new RecordsEntry(partitionRef);
      entries.add(entry);
      lastOfPartition.put(partitionRef, entry);
      sizeBytes += FrameFormat.HEADER_BYTES + FrameFormat.ALIGNMENT_BYTES;
    }
    entry.buffers.add(records);
    entry.batches.addAll(batches);
    entry.sizeBytes += size;
    sizeBytes += size;
  }

  /** Adds a control frame; nothing gathered later is written before it. */
  public void add(FrameAt frame) {
    entries.add(new ControlEntry(frame));
    lastOfPartition.clear();
    sizeBytes += FrameCodec.sizeOf(frame.at(0, 0));
  }

  public boolean hasRecords() {
    return hasRecords;
  }

  /** In the order in which they are to be written. */
  public List<Entry> entries() {
    return entries;
  }

  /** Never less than what it takes in the log. */
  public int sizeBytes() {
    return sizeBytes;
  }
}
