package io.tidelog.chaos.check;

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

  public boolean isClean() {
    return counts.isEmpty();
  }
}
