package io.tidelog.chaos.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * @param violations the first of each kind, in full
 * @param counts how many of each kind there were
 */
public record Verdict(List<Violation> violations, Map<Anomaly, Long> counts) {

  public Verdict {
    violations = List.copyOf(violations);
    counts = Map.copyOf(counts);
  }

  /** With what was found elsewhere. */
  public Verdict with(List<Violation> more) {
    var all = new ArrayList<>(violations);
    var counted = new EnumMap<Anomaly, Long>(Anomaly.class);
    counted.putAll(counts);
    for (var violation : more) {
      all.add(violation);
      counted.merge(violation.anomaly(), 1L, Long::sum);
    }
    return new Verdict(all, counted);
  }

  public boolean isClean() {
    return counts.isEmpty();
  }
}
