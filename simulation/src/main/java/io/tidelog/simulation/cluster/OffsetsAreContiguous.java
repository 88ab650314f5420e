package io.tidelog.simulation.cluster;

import io.tidelog.core.PartitionId;
import io.tidelog.hot.format.Frame;
import io.tidelog.simulation.log.Violation;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Committed records of a partition follow one another without a gap; knows when they were. */
final class OffsetsAreContiguous implements LogsAreIdentical.FrameListener {

  private final Map<Integer, PartitionId> ids = new HashMap<>();
  private final Map<PartitionId, TreeMap<Long, Long>> ends = new HashMap<>();

  @Override
  public void onCommitted(Frame frame, long lsn, long nowNs) {
    if (frame instanceof Frame.PartitionOpen open) {
      if (ids.put(open.partitionRef(), open.id()) != null) {
        throw new Violation("partition reference " + open.partitionRef() + " is used twice");
      }
    } else if (frame instanceof Frame.RecordsFrame records) {
      var id = ids.get(records.partitionRef());
      if (id == null) {
        throw new Violation("records of partition " + records.partitionRef() + ", never opened");
      }
      long next = end(id);
      if (records.baseOffset() != next) {
        throw new Violation(id + " goes on at " + records.baseOffset() + " after " + next);
      }
      ends.computeIfAbsent(id, same -> new TreeMap<>()).put(nowNs, next + records.recordCount());
    }
  }

  /** Below it everything is committed. */
  long end(PartitionId id) {
    var ofPartition = ends.get(id);
    return ofPartition == null ? 0 : ofPartition.lastEntry().getValue();
  }

  /** As it was then. */
  long endAt(PartitionId id, long thenNs) {
    var ofPartition = ends.get(id);
    var entry = ofPartition == null ? null : ofPartition.floorEntry(thenNs);
    return entry == null ? 0 : entry.getValue();
  }
}
