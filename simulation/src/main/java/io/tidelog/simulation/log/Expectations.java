package io.tidelog.simulation.log;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.PartitionId;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What clients were told and have seen, and the invariants over it: nothing acknowledged is lost,
 * nothing seen changes or disappears, no value stands twice, each producer's values stand in its
 * order, offsets are dense, nothing is seen before it is due.
 */
final class Expectations {

  private final Map<PartitionId, TreeMap<Long, Long>> known = new HashMap<>();
  private final Map<Long, Long> dueMs = new HashMap<>();
  private long acknowledged;

  /** The value was sent the first time; it may not be seen before {@code earliestMs}. */
  void onSent(long value, long earliestMs) {
    dueMs.putIfAbsent(value, earliestMs);
  }

  void onAcknowledged(PartitionId partition, long offset, long value) {
    acknowledged++;
    remember(partition, offset, value);
  }

  long acknowledged() {
    return acknowledged;
  }

  /**
   * A consumer got these batches; borrows them.
   *
   * @return the offset after the last
   */
  long onSeen(PartitionId partition, ByteBuffer records, long fetchOffset, long nowMs) {
    long next = fetchOffset;
    for (int at = records.position(); at < records.limit(); ) {
      var header = BatchHeader.read(records, at);
      if (header.baseOffset() != next) {
        throw new Violation(
            partition + " answers offset " + header.baseOffset() + " instead of " + next);
      }
      long value = SimBatch.valueOf(records, at, header);
      if (nowMs < dueMs.getOrDefault(value, 0L)) {
        throw new Violation(partition + " shows offset " + next + " before it is due");
      }
      remember(partition, header.baseOffset(), value);
      next = header.endOffset();
      at += header.sizeBytes();
    }
    return next;
  }

  private void remember(PartitionId partition, long offset, long value) {
    var before = known.computeIfAbsent(partition, p -> new TreeMap<>()).put(offset, value);
    if (before != null && before != value) {
      throw new Violation(
          partition + " offset " + offset + " was value " + before + " and is " + value);
    }
  }

  /** What stands at these offsets, as told or seen. */
  Map<Long, Long> known(PartitionId partition, long from, long to) {
    return known.getOrDefault(partition, new TreeMap<>()).subMap(from, to);
  }

  /** The partition as a reader of everything found it, from offset 0. */
  void checkWhole(PartitionId partition, TreeMap<Long, Long> found) {
    known
        .getOrDefault(partition, new TreeMap<>())
        .forEach(
            (offset, value) -> {
              if (!value.equals(found.get(offset))) {
                throw new Violation(
                    partition
                        + " lost offset "
                        + offset
                        + ": was value "
                        + value
                        + ", is "
                        + found.get(offset));
              }
            });
    checkOrder(partition, found);
  }

  /** Values carry their producer in the high half and count up in the low half. */
  private static void checkOrder(PartitionId partition, TreeMap<Long, Long> found) {
    Map<Long, Long> last = new HashMap<>();
    Set<Long> values = new HashSet<>();
    found.forEach(
        (offset, value) -> {
          if (!values.add(value)) {
            throw new Violation(partition + " holds value " + value + " twice");
          }
          var before = last.put(value >>> 32, value);
          if (before != null && before + 1 != value) {
            throw new Violation(
                partition + " offset " + offset + " has value " + value + " after " + before);
          }
        });
  }
}
