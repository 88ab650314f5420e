package io.tidelog.metadata.placement;

import io.tidelog.core.LogId;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.PartitionHomes;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * Spreads a topic's new partitions over the logs of its class; pure. Each log gets as many of the
 * topic's partitions as the others, give or take one; the odd ones go where the topic has the
 * fewest on the leading node, and there to the log with the fewest of all topics. Neighbours share
 * a log, so that a topic of any size is as many runs as there are logs.
 */
public final class HomePlanner {

  private HomePlanner() {}

  /**
   * @param logs of the topic's class, at least one
   * @param present homes the topic has already
   * @param load partitions of all topics in a log
   */
  public static PartitionHomes spread(
      int count,
      Collection<LogRecord> logs,
      List<PartitionHomes.Run> present,
      ToIntFunction<LogId> load) {
    var ordered =
        logs.stream()
            .sorted(
                Comparator.<LogRecord>comparingInt(log -> load.applyAsInt(log.id()))
                    .thenComparing(log -> log.id().uuid()))
            .toList();
    Map<LogId, Integer> inLog = new HashMap<>();
    present.forEach(run -> inLog.merge(run.log(), run.count(), Integer::sum));
    Map<Integer, Integer> onNode = new HashMap<>();
    for (var log : ordered) {
      onNode.merge(log.replicas().getFirst(), inLog.getOrDefault(log.id(), 0), Integer::sum);
    }
    Map<LogId, Integer> added = new HashMap<>();
    int each = present.isEmpty() ? count / ordered.size() : 0;
    if (each > 0) {
      for (var log : ordered) {
        inLog.put(log.id(), each);
        added.put(log.id(), each);
        onNode.merge(log.replicas().getFirst(), each, Integer::sum);
      }
    }
    for (int left = count - each * ordered.size(); left > 0; left--) {
      var home =
          ordered.stream()
              .min(
                  Comparator.<LogRecord>comparingInt(log -> inLog.getOrDefault(log.id(), 0))
                      .thenComparingInt(log -> onNode.getOrDefault(log.replicas().getFirst(), 0)))
              .orElseThrow();
      inLog.merge(home.id(), 1, Integer::sum);
      onNode.merge(home.replicas().getFirst(), 1, Integer::sum);
      added.merge(home.id(), 1, Integer::sum);
    }
    return new PartitionHomes(
        ordered.stream()
            .filter(log -> added.containsKey(log.id()))
            .map(log -> new PartitionHomes.Run(added.getOrDefault(log.id(), 0), log.id(), 0))
            .toList());
  }
}
