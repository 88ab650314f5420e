package io.tidelog.delay;

import io.tidelog.core.Fault;
import java.nio.ByteBuffer;
import java.util.function.LongUnaryOperator;

/**
 * The stretches of a partition that are not due yet, oldest first, in a ring of plain arrays.
 * Offsets and due times never decrease from one to the next; stretches due at the same time are
 * one.
 *
 * <p>At the limit neighbours are merged into stretches that become due with their last record, thus
 * never early. Which ones is decided by due time alone: a grain is chosen, a power of two
 * milliseconds, such that one stretch per grain halves the list, and those whose due times round up
 * to the same grain become one. Rounding what was rounded moves nothing, so a record never waits a
 * grain longer than it should, however often the list fills up. With a delay of half an hour and
 * the default limit a grain is 64 ms.
 */
final class PendingStretches {

  private static final int INITIAL_CAPACITY = 16;
  private static final int SAVED_STRETCH_BYTES = 3 * Long.BYTES;

  private final int limit;
  private long[] endOffsets;
  private long[] dueMs;
  private long[] sizesBytes;
  private int head;
  private int count;
  private long totalBytes;

  PendingStretches(int limit) {
    this.limit = limit;
    int capacity = Math.min(INITIAL_CAPACITY, limit);
    this.endOffsets = new long[capacity];
    this.dueMs = new long[capacity];
    this.sizesBytes = new long[capacity];
  }

  void add(long endOffset, long due, long sizeBytes) {
    totalBytes += sizeBytes;
    if (count > 0 && dueMs[at(count - 1)] == due) {
      int last = at(count - 1);
      endOffsets[last] = endOffset;
      sizesBytes[last] += sizeBytes;
      return;
    }
    if (count == limit) {
      merge();
    } else if (count == endOffsets.length) {
      grow();
    }
    int next = at(count++);
    endOffsets[next] = endOffset;
    dueMs[next] = due;
    sizesBytes[next] = sizeBytes;
  }

  boolean isEmpty() {
    return count == 0;
  }

  long firstEndOffset() {
    return endOffsets[head];
  }

  long firstDueMs() {
    return dueMs[head];
  }

  long lastEndOffset() {
    return endOffsets[at(count - 1)];
  }

  void removeFirst() {
    totalBytes -= sizesBytes[head];
    head = at(1);
    count--;
  }

  long sizeBytes() {
    return totalBytes;
  }

  int count() {
    return count;
  }

  /** What is due later than {@code nowMs} is due at {@code nowMs}. */
  void capDue(long nowMs) {
    coalesce(due -> Math.min(due, nowMs), due -> due);
  }

  private void merge() {
    long spanMs = dueMs[at(count - 1)] - firstDueMs();
    long grainMs = Long.highestOneBit(Math.max(1, spanMs / (limit / 2))) << 1;
    coalesce(due -> due, due -> Math.ceilDiv(due, grainMs));
  }

  /** Gives each stretch its new due time; neighbours of one key become one, due with the later. */
  private void coalesce(LongUnaryOperator newDue, LongUnaryOperator key) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      int from = at(i);
      long due = newDue.applyAsLong(dueMs[from]);
      if (kept > 0 && key.applyAsLong(due) == key.applyAsLong(dueMs[at(kept - 1)])) {
        absorb(at(kept - 1), from, due);
      } else {
        move(from, at(kept++), due);
      }
    }
    count = kept;
  }

  private void absorb(int into, int from, long due) {
    endOffsets[into] = endOffsets[from];
    dueMs[into] = due;
    sizesBytes[into] += sizesBytes[from];
  }

  private void move(int from, int to, long due) {
    endOffsets[to] = endOffsets[from];
    dueMs[to] = due;
    sizesBytes[to] = sizesBytes[from];
  }

  int savedSizeBytes() {
    return Integer.BYTES + count * SAVED_STRETCH_BYTES;
  }

  /** Puts the count (4 bytes), then end offset, due and size (8 bytes each) of each stretch. */
  void save(ByteBuffer out) {
    out.putInt(count);
    for (int i = 0; i < count; i++) {
      int from = at(i);
      out.putLong(endOffsets[from]).putLong(dueMs[from]).putLong(sizesBytes[from]);
    }
  }

  /** Fills an empty list; a list saved under a higher limit is merged to this one. */
  void restore(ByteBuffer saved, long afterOffset) {
    int stretches = saved.getInt();
    if (stretches < 0 || stretches > saved.remaining() / SAVED_STRETCH_BYTES) {
      throw new Fault.Broken("a saved delay gate says it has " + stretches + " stretches");
    }
    long lastEnd = afterOffset;
    long lastDue = Long.MIN_VALUE;
    for (int i = 0; i < stretches; i++) {
      long end = saved.getLong();
      long due = saved.getLong();
      long size = saved.getLong();
      if (end < lastEnd || due < lastDue || size < 0) {
        throw new Fault.Broken("stretch " + i + " of a saved delay gate is out of order");
      }
      add(end, due, size);
      lastEnd = end;
      lastDue = due;
    }
  }

  private void grow() {
    int capacity = Math.min(limit, endOffsets.length * 2);
    endOffsets = inOrder(endOffsets, capacity);
    dueMs = inOrder(dueMs, capacity);
    sizesBytes = inOrder(sizesBytes, capacity);
    head = 0;
  }

  private long[] inOrder(long[] ring, int capacity) {
    var copy = new long[capacity];
    int untilEnd = Math.min(count, ring.length - head);
    System.arraycopy(ring, head, copy, 0, untilEnd);
    System.arraycopy(ring, 0, copy, untilEnd, count - untilEnd);
    return copy;
  }

  private int at(int index) {
    int position = head + index;
    return position < endOffsets.length ? position : position - endOffsets.length;
  }
}
