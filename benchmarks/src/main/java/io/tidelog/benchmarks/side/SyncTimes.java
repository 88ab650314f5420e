package io.tidelog.benchmarks.side;

import io.tidelog.benchmarks.side.ServerProcess.Kind;
import java.io.IOException;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * How long a Tidelog node's fdatasync calls took, by its own count; nothing of Kafka.
 *
 * @param within calls that took less than so many microseconds
 */
record SyncTimes(NavigableMap<Long, Double> within) {

  private static final Pattern BUCKET =
      Pattern.compile("tidelog_log_syncs_within_total\\{.*le=\"(\\d+)\".*} ([0-9.E]+)");

  static SyncTimes of(ServerProcess server) throws IOException, InterruptedException {
    var within = new TreeMap<Long, Double>();
    if (server.kind() == Kind.TIDELOG) {
      var found = BUCKET.matcher(Steps.metrics(server));
      while (found.find()) {
        within.put(Long.valueOf(found.group(1)), Double.valueOf(found.group(2)));
      }
    }
    return new SyncTimes(within);
  }

  SyncTimes since(SyncTimes before) {
    var later = new TreeMap<>(within);
    before.within.forEach((limit, count) -> later.merge(limit, -count, Double::sum));
    return new SyncTimes(later);
  }

  void addTo(Figures figures) {
    if (!within.isEmpty()) {
      figures.add("fdatasync p50 in the server, less than ms", quantile(0.5));
      figures.add("fdatasync p99 in the server, less than ms", quantile(0.99));
    }
  }

  private double quantile(double share) {
    double rank = share * within.lastEntry().getValue();
    return within.entrySet().stream()
        .filter(bucket -> bucket.getValue() >= rank)
        .findFirst()
        .map(bucket -> bucket.getKey() / 1e3)
        .orElseThrow();
  }
}
