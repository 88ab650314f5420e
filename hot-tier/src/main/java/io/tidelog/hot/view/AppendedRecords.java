package io.tidelog.hot.view;

import io.tidelog.core.BatchHeader;
import io.tidelog.hot.format.Frame;
import java.util.ArrayList;
import java.util.List;

/**
 * What the view needs to know of a records frame: everything but the records. It borrows no buffer,
 * so that it outlives the bytes it was read from.
 *
 * @param batches headers in offset order without a gap, with the offsets the log gave them; never
 *     empty
 */
public record AppendedRecords(
    int partitionRef, long term, long appendTimeMs, List<BatchHeader> batches) {

  public AppendedRecords {
    if (batches.isEmpty()) {
      throw new IllegalArgumentException("a records frame without a batch");
    }
  }

  /**
   * Reads the headers of the frame's batches; borrows it.
   *
   * @throws IllegalArgumentException when they are no whole batches in offset order
   */
  public static AppendedRecords of(Frame.RecordsFrame frame) {
    var bytes = frame.batches();
    List<BatchHeader> batches = new ArrayList<>(1);
    long offset = frame.baseOffset();
    int position = bytes.position();
    while (position < bytes.limit()) {
      if (bytes.limit() - position < BatchHeader.SIZE_BYTES) {
        throw new IllegalArgumentException("a records frame ends inside a batch header");
      }
      var batch = BatchHeader.read(bytes, position);
      if (batch.sizeBytes() < BatchHeader.SIZE_BYTES
          || batch.sizeBytes() > bytes.limit() - position) {
        throw new IllegalArgumentException("a batch of " + batch.sizeBytes() + " bytes");
      }
      if (batch.baseOffset() != offset || batch.lastOffsetDelta() < 0) {
        throw new IllegalArgumentException(
            "a batch at offset " + batch.baseOffset() + ", expected " + offset);
      }
      offset = batch.endOffset();
      position += batch.sizeBytes();
      batches.add(batch);
    }
    return new AppendedRecords(frame.partitionRef(), frame.term(), frame.appendTimeMs(), batches);
  }

  public long baseOffset() {
    return batches.getFirst().baseOffset();
  }

  /** Offset after the last one. */
  public long endOffset() {
    return batches.getLast().endOffset();
  }

  public int sizeBytes() {
    int size = 0;
    for (var batch : batches) {
      size += batch.sizeBytes();
    }
    return size;
  }

  /** The largest time stamp of a record, −1 when no record has one. */
  public long maxTimestampMs() {
    long max = -1;
    for (var batch : batches) {
      max = Math.max(max, batch.maxTimestampMs());
    }
    return max;
  }
}
