package io.tidelog.metadata.topic;

import io.tidelog.core.LogId;
import io.tidelog.metadata.api.PartitionHomes;
import java.util.HashMap;
import java.util.Map;

/** Partitions on their way into the store, which no picture shows yet. Owned by its service. */
final class PartitionsUnderWay {

  private final Map<LogId, Integer> byLog = new HashMap<>();
  private int total;

  void add(PartitionHomes homes) {
    homes.runs().forEach(run -> byLog.merge(run.log(), run.count(), Integer::sum));
    total += homes.count();
  }

  void remove(PartitionHomes homes) {
    for (var run : homes.runs()) {
      byLog.computeIfPresent(
          run.log(), (log, count) -> count == run.count() ? null : count - run.count());
    }
    total -= homes.count();
  }

  int in(LogId log) {
    return byLog.getOrDefault(log, 0);
  }

  int total() {
    return total;
  }
}
