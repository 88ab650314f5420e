package io.tidelog.simulation.cluster;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.hot.format.Frame;
import io.tidelog.simulation.log.Violation;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Committed records of a partition follow one another without a gap, whatever log they are in;
 * knows when they were.
 */
final class OffsetsAreContiguous {

  private final Map<PartitionId, Long> ends = new HashMap<>();
  private final Map<LogId, Map<PartitionId, TreeMap<Long, Long>>> endsByTime = new HashMap<>();

  /** Clients' records are committed. */
  void onAppended(LogId log, PartitionId id, Frame.RecordsFrame records, long nowNs) {
    long next = end(id);
    if (records.baseOffset() != next) {
      throw new Violation(id + " goes on at " + records.baseOffset() + " after " + next);
    }
    ends.put(id, next + records.recordCount());
    onMoved(log, id, nowNs);
  }

  /** All that is committed of it is in this log. */
  void onMoved(LogId log, PartitionId id, long nowNs) {
    endsByTime
        .computeIfAbsent(log, same -> new HashMap<>())
        .computeIfAbsent(id, same -> new TreeMap<>())
        .put(nowNs, end(id));
  }

  /** Below it everything is committed. */
  long end(PartitionId id) {
    return ends.getOrDefault(id, 0L);
  }

  /** What of it was committed in this log then. */
  long endAt(LogId log, PartitionId id, long thenNs) {
    var ofPartition = endsByTime.getOrDefault(log, Map.of()).get(id);
    var entry = ofPartition == null ? null : ofPartition.floorEntry(thenNs);
    return entry == null ? 0 : entry.getValue();
  }
}
