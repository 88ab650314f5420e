package io.tidelog.coordinator;

import java.util.Arrays;

/**
 * Where the latest record of each key of one internal partition lies, and how many bytes those
 * records take. An open-addressing table with linear probing of 28 bytes a slot; owned by the
 * thread that serves the partition.
 */
final class LatestOffsets {

  private static final int FIRST_CAPACITY = 16;
  private static final long FREE = -1;

  private long[] first = new long[FIRST_CAPACITY];
  private long[] second = new long[FIRST_CAPACITY];
  private long[] offsets = freeSlots(FIRST_CAPACITY);
  private int[] sizes = new int[FIRST_CAPACITY];
  private int count;
  private long liveBytes;

  /**
   * Makes {@code offset} the latest of {@code key}.
   *
   * @param sizeBytes of the record; 0 for a tombstone, which is remembered because it hides older
   *     records, but is not alive
   */
  void put(KeyHash key, long offset, int sizeBytes) {
    if ((count + 1) * 5L > offsets.length * 3L) {
      grow();
    }
    int slot = slotOf(key);
    if (offsets[slot] == FREE) {
      first[slot] = key.first();
      second[slot] = key.second();
      count++;
    }
    liveBytes += sizeBytes - sizes[slot];
    offsets[slot] = offset;
    sizes[slot] = sizeBytes;
  }

  /** Whether no later record of {@code key} than the one at {@code offset} is known. */
  boolean isLatest(KeyHash key, long offset) {
    return offsets[slotOf(key)] == offset;
  }

  void remove(KeyHash key) {
    int hole = slotOf(key);
    if (offsets[hole] == FREE) {
      return;
    }
    liveBytes -= sizes[hole];
    count--;
    closeHole(hole);
  }

  /** Bytes of the latest records, tombstones not counted. */
  long liveBytes() {
    return liveBytes;
  }

  /** Keys known, tombstones counted. */
  int count() {
    return count;
  }

  private int slotOf(KeyHash key) {
    int mask = offsets.length - 1;
    int slot = (int) key.first() & mask;
    while (offsets[slot] != FREE && (first[slot] != key.first() || second[slot] != key.second())) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /** Moves later members of the probe sequence back, so that no search ends at the hole. */
  private void closeHole(int hole) {
    int mask = offsets.length - 1;
    int next = (hole + 1) & mask;
    while (offsets[next] != FREE) {
      int home = (int) first[next] & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        first[hole] = first[next];
        second[hole] = second[next];
        offsets[hole] = offsets[next];
        sizes[hole] = sizes[next];
        hole = next;
      }
      next = (next + 1) & mask;
    }
    offsets[hole] = FREE;
    sizes[hole] = 0;
  }

  private void grow() {
    var oldFirst = first;
    var oldSecond = second;
    var oldOffsets = offsets;
    var oldSizes = sizes;
    int capacity = offsets.length * 2;
    first = new long[capacity];
    second = new long[capacity];
    offsets = freeSlots(capacity);
    sizes = new int[capacity];
    for (int i = 0; i < oldOffsets.length; i++) {
      if (oldOffsets[i] != FREE) {
        int slot = slotOf(new KeyHash(oldFirst[i], oldSecond[i]));
        first[slot] = oldFirst[i];
        second[slot] = oldSecond[i];
        offsets[slot] = oldOffsets[i];
        sizes[slot] = oldSizes[i];
      }
    }
  }

  private static long[] freeSlots(int capacity) {
    var slots = new long[capacity];
    Arrays.fill(slots, FREE);
    return slots;
  }
}
