package io.tidelog.simulation.log;

import io.tidelog.core.BatchHeader;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.PartitionSnapshot;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What clients were told and have seen, and the invariants over it: nothing acknowledged is lost,
 * nothing seen changes or disappears, no value stands twice, each producer's values stand in its
 * order, offsets are dense, nothing is seen before it is due, nothing is deleted that nobody asked
 * for and that has not expired, a time is found where a plain list has it.
 */
public final class Expectations {

  private final Map<PartitionId, TreeMap<Long, Long>> known = new HashMap<>();
  private final Map<PartitionId, Long> checkedStarts = new HashMap<>();
  private final Map<Long, Sent> sent = new HashMap<>();
  private final Set<Long> givenUp = new HashSet<>();
  private long acknowledged;
  private @Nullable Violation reported;

  /** Remembers the first violation found where throwing it would only be logged. */
  void report(Violation violation) {
    if (reported == null) {
      reported = violation;
    }
  }

  /** Throws what was reported. */
  public void rethrow() {
    if (reported != null) {
      throw reported;
    }
  }

  private record Sent(long timestampMs, long earliestMs) {}

  /** The value was sent the first time; it may not be seen before {@code earliestMs}. */
  public void onSent(SimBatch batch, long earliestMs) {
    sent.putIfAbsent(batch.value(), new Sent(batch.timestampMs(), earliestMs));
  }

  /**
   * Its client went elsewhere before there was an answer, and sends it no more: it may still be
   * done, after what the client sends there.
   */
  public void onGivenUp(long value) {
    givenUp.add(value);
  }

  public void onAcknowledged(PartitionId partition, long offset, long value) {
    acknowledged++;
    remember(partition, offset, value);
  }

  public long acknowledged() {
    return acknowledged;
  }

  /**
   * A consumer got these batches; borrows them.
   *
   * @param latestMs the latest the server's clock ever showed
   * @return the offset after the last
   */
  public long onSeen(PartitionId partition, ByteBuffer records, long fetchOffset, long latestMs) {
    long next = fetchOffset;
    for (int at = records.position(); at < records.limit(); ) {
      var header = BatchHeader.read(records, at);
      if (header.baseOffset() != next) {
        throw new Violation(
            partition + " answers offset " + header.baseOffset() + " instead of " + next);
      }
      long value = SimBatch.valueOf(records, at, header);
      if (latestMs < sent(value).earliestMs()) {
        throw new Violation(partition + " shows offset " + next + " before it is due");
      }
      remember(partition, header.baseOffset(), value);
      next = header.endOffset();
      at += header.sizeBytes();
    }
    return next;
  }

  private Sent sent(long value) {
    var found = sent.get(value);
    if (found == null) {
      throw new Violation("value " + value + " was never sent");
    }
    return found;
  }

  private void remember(PartitionId partition, long offset, long value) {
    var before = of(partition).put(offset, value);
    if (before != null && before != value) {
      throw new Violation(
          partition + " offset " + offset + " was value " + before + " and is " + value);
    }
  }

  private TreeMap<Long, Long> of(PartitionId partition) {
    return known.computeIfAbsent(partition, p -> new TreeMap<>());
  }

  /** What stands at these offsets, as told or seen. */
  public NavigableMap<Long, Long> known(PartitionId partition, long from, long to) {
    return of(partition).subMap(from, true, Math.max(from, to), false);
  }

  /** What lies before the log start was to be deleted, or has expired, and none was pending. */
  public void checkStart(SimPartition partition, PartitionSnapshot at, long latestMs) {
    var id = partition.id();
    long checked = checkedStarts.getOrDefault(id, 0L);
    for (var record : known(id, checked, at.logStartOffset()).entrySet()) {
      var what = sent(record.getValue());
      boolean asked = record.getKey() < partition.deletableEnd();
      long retentionMs = partition.leastRetentionMs();
      long countsFromMs = Math.max(what.timestampMs(), what.earliestMs() - 200);
      boolean expired = retentionMs >= 0 && latestMs - countsFromMs > retentionMs - 200;
      if (latestMs < what.earliestMs() || !(asked || expired)) {
        throw new Violation(id + " deleted offset " + record.getKey() + " too early, " + at);
      }
    }
    checkedStarts.put(id, Math.max(checked, at.logStartOffset()));
  }

  /**
   * A search by time answered.
   *
   * @param found the offset, or −1 for none
   */
  void onFound(
      PartitionId partition, PartitionSnapshot at, long timestampMs, long from, long found) {
    long end = found < 0 ? at.visibleEndOffset() : found;
    long start = Math.max(from, at.logStartOffset());
    for (var record : known(partition, start, end).entrySet()) {
      if (sent(record.getValue()).timestampMs() >= timestampMs) {
        throw new Violation(
            partition + " finds " + found + " for a time that offset " + record.getKey() + " has");
      }
    }
  }

  /** The partition as a reader of everything found it, from its log start. */
  public void checkWhole(PartitionId partition, long logStartOffset, TreeMap<Long, Long> found) {
    known(partition, logStartOffset, Long.MAX_VALUE)
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

  /** From this producer on they send each value once, and some may not arrive. */
  public static final long FIRST_LOSSY_PRODUCER = 1_000;

  /** Values carry their producer in the high half and count up in the low half. */
  private void checkOrder(PartitionId partition, TreeMap<Long, Long> found) {
    Map<Long, Long> last = new HashMap<>();
    Set<Long> values = new HashSet<>();
    found.forEach(
        (offset, value) -> {
          if (!values.add(value)) {
            throw new Violation(partition + " holds value " + value + " twice");
          }
          if (givenUp.contains(value)) {
            return;
          }
          var before = last.put(value >>> 32, value);
          boolean isLossy = value >>> 32 >= FIRST_LOSSY_PRODUCER;
          if (before != null && (isLossy ? before >= value : before + 1 != value)) {
            throw new Violation(
                partition + " offset " + offset + " has value " + value + " after " + before);
          }
        });
  }
}
