package io.tidelog.gateway.fetch;

import io.tidelog.core.log.RecordBytes;
import java.util.List;

/**
 * Counts the records in memory that the fetches of one event loop are reading or have read and that
 * were not sent yet, so that many consumers who are far behind get smaller answers instead of all
 * the memory. Owned by that loop.
 */
final class AnswerMemory {

  /** A fetch gets so large a part of what is left, so that none leaves nothing to the next. */
  private static final int PARTS = 4;

  private final long maxBytes;
  private long usedBytes;

  AnswerMemory(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Most bytes that one more read shall take; one batch it may take in any case. */
  int share() {
    return Math.clamp((maxBytes - usedBytes) / PARTS, 0, Integer.MAX_VALUE);
  }

  /** A read is under way that may bring so many bytes. */
  void reserve(int bytes) {
    usedBytes += bytes;
  }

  void release(int bytes) {
    usedBytes -= bytes;
  }

  /** Takes {@code bytes} and gives the same, counted until they are closed. */
  RecordBytes counted(RecordBytes bytes) {
    int inMemory = 0;
    for (var part : bytes.parts()) {
      inMemory += part instanceof RecordBytes.MemoryPart memory ? memory.sizeBytes() : 0;
    }
    if (inMemory == 0) {
      return bytes;
    }
    usedBytes += inMemory;
    return new Counted(bytes, inMemory);
  }

  private final class Counted implements RecordBytes {

    private final RecordBytes bytes;
    private final int inMemory;
    private boolean closed;

    private Counted(RecordBytes bytes, int inMemory) {
      this.bytes = bytes;
      this.inMemory = inMemory;
    }

    @Override
    public int sizeBytes() {
      return bytes.sizeBytes();
    }

    @Override
    public List<Part> parts() {
      return bytes.parts();
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        usedBytes -= inMemory;
        bytes.close();
      }
    }
  }
}
