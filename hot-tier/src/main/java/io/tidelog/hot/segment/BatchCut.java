package io.tidelog.hot.segment;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Which whole batches of a frame a read gets; pure but for the headers it asks for.
 *
 * @param position of the first one in the segment file
 * @param sizeBytes of all, 0 when there is none
 * @param last whether the read ends here: the next batch is too large or lies behind its end
 */
record BatchCut(int position, int sizeBytes, boolean last) {

  /** Gives the header of the batch at a position in the segment file. */
  @FunctionalInterface
  interface Headers {
    /** A buffer that holds at least {@link BatchHeader#SIZE_BYTES} from its position on. */
    ByteBuffer at(int position) throws IOException;
  }

  /**
   * @param budgetBytes how much may still be read
   * @param first nothing was read yet, and at least one batch is wanted
   */
  static BatchCut of(
      IndexRun run, int entry, SegmentRead read, int budgetBytes, boolean first, Headers headers)
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
      var batch = header(headers, at, position + size);
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

  private static BatchHeader header(Headers headers, int at, int end) throws IOException {
    if (end - at < BatchHeader.SIZE_BYTES) {
      throw new Fault.Broken("a frame ends inside a batch header, position=" + at);
    }
    var bytes = headers.at(at);
    var batch = BatchHeader.read(bytes, bytes.position());
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
   *
   * @throws Fault.Broken when the headers are not those that the index was made of
   */
  static BatchCut firstAtOrAfter(
      IndexRun run, int entry, SegmentRead read, long timestampMs, Headers headers)
      throws IOException {
    int at = run.position(entry);
    int end = at + run.sizeBytes(entry);
    long nextOffset = run.baseOffset(entry);
    long maxTimestampMs = Long.MIN_VALUE;
    while (at < end) {
      var batch = header(headers, at, end);
      if (batch.baseOffset() != nextOffset || batch.endOffset() > run.endOffset(entry)) {
        throw unlikeIndex(batch.baseOffset() + " to " + batch.endOffset(), at);
      }
      nextOffset = batch.endOffset();
      maxTimestampMs = Math.max(maxTimestampMs, batch.maxTimestampMs());
      if (batch.endOffset() > read.endOffset()) {
        return new BatchCut(at, 0, true);
      }
      if (batch.endOffset() > read.startOffset() && batch.maxTimestampMs() >= timestampMs) {
        return new BatchCut(at, batch.sizeBytes(), true);
      }
      at += batch.sizeBytes();
    }
    if (nextOffset != run.endOffset(entry) || maxTimestampMs < run.maxTimestampMs(entry)) {
      throw unlikeIndex("up to " + nextOffset + ", times up to " + maxTimestampMs, at);
    }
    return new BatchCut(at, 0, false);
  }

  private static Fault.Broken unlikeIndex(String found, int position) {
    return new Fault.Broken(
        "a batch in a segment is not what its index says, position=" + position + " has=" + found);
  }
}
