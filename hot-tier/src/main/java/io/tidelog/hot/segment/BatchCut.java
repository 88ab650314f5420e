package io.tidelog.hot.segment;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import io.tidelog.hot.format.BatchChecksum;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Which whole batches of a frame a read gets; pure but for the bytes it asks for.
 *
 * @param position of the first one in the segment file
 * @param sizeBytes of all, 0 when there is none
 * @param last whether the read ends here: the next batch is too large or lies behind its end
 */
record BatchCut(int position, int sizeBytes, boolean last) {

  /** Gives what is at a position in the segment file. */
  @FunctionalInterface
  interface Bytes {
    /** A buffer that holds at least so many bytes from its position on. */
    ByteBuffer at(int position, int sizeBytes) throws IOException;
  }

  /**
   * @param budgetBytes how much may still be read
   * @param first nothing was read yet, and at least one batch is wanted
   */
  static BatchCut of(
      IndexRun run, int entry, SegmentRead read, int budgetBytes, boolean first, Bytes bytes)
      throws IOException {
    int position = run.position(entry);
    int size = run.sizeBytes(entry);
    if (read.startOffset() <= run.baseOffset(entry)
        && run.endOffset(entry) <= read.endOffset()
        && size <= budgetBytes) {
      return new BatchCut(position, size, false);
    }
    int at = position;
    int from = -1;
    while (at < position + size) {
      var batch = header(bytes, at, position + size);
      if (batch.endOffset() > read.startOffset()) {
        from = from < 0 ? at : from;
        int taken = at - from;
        boolean fits = taken + batch.sizeBytes() <= budgetBytes || (first && taken == 0);
        if (batch.endOffset() > read.endOffset() || !fits) {
          return new BatchCut(from, taken, true);
        }
      }
      at += batch.sizeBytes();
    }
    return from < 0 ? new BatchCut(at, 0, false) : new BatchCut(from, at - from, false);
  }

  private static BatchHeader header(Bytes bytes, int at, int end) throws IOException {
    if (end - at < BatchHeader.SIZE_BYTES) {
      throw new Fault.Broken("a frame ends inside a batch header, position=" + at);
    }
    var header = bytes.at(at, BatchHeader.SIZE_BYTES);
    var batch = BatchHeader.read(header, header.position());
    if (batch.sizeBytes() < BatchHeader.SIZE_BYTES || batch.sizeBytes() > end - at) {
      throw new Fault.Broken(
          "a batch in a segment has an unsound size, position="
              + at
              + " size="
              + batch.sizeBytes());
    }
    return batch;
  }

  /**
   * The first batch that ends behind the read's start and has a record at or after the time.
   * Nothing is passed over that is not what was written, as nobody else looks at it.
   *
   * @throws Fault.Broken when a batch before it is damaged, or not what the index was made of
   */
  static BatchCut firstAtOrAfter(
      IndexRun run, int entry, SegmentRead read, long timestampMs, Bytes bytes) throws IOException {
    int at = run.position(entry);
    int end = at + run.sizeBytes(entry);
    long nextOffset = run.baseOffset(entry);
    long maxTimestampMs = Long.MIN_VALUE;
    while (at < end) {
      var batch = header(bytes, at, end);
      if (batch.baseOffset() != nextOffset || batch.endOffset() > run.endOffset(entry)) {
        throw unlikeIndex(batch.baseOffset() + " to " + batch.endOffset(), at);
      }
      nextOffset = batch.endOffset();
      maxTimestampMs = Math.max(maxTimestampMs, batch.maxTimestampMs());
      boolean isInside = batch.endOffset() <= read.endOffset();
      if (isInside
          && batch.endOffset() > read.startOffset()
          && batch.maxTimestampMs() >= timestampMs) {
        return new BatchCut(at, batch.sizeBytes(), true);
      }
      requireSound(bytes, batch, at);
      if (!isInside) {
        return new BatchCut(at, 0, true);
      }
      at += batch.sizeBytes();
    }
    if (nextOffset != run.endOffset(entry) || maxTimestampMs < run.maxTimestampMs(entry)) {
      throw unlikeIndex("up to " + nextOffset + ", times up to " + maxTimestampMs, at);
    }
    return new BatchCut(at, 0, false);
  }

  private static void requireSound(Bytes bytes, BatchHeader batch, int at) throws IOException {
    var whole = bytes.at(at, batch.sizeBytes());
    if (BatchChecksum.of(whole, whole.position(), batch.sizeBytes()) != batch.crc()) {
      throw new Fault.Broken("a batch in a segment does not match its checksum, position=" + at);
    }
  }

  private static Fault.Broken unlikeIndex(String found, int position) {
    return new Fault.Broken(
        "a batch in a segment is not what its index says, position=" + position + " has=" + found);
  }
}
