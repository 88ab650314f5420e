package io.tidelog.chaos.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Collects violations; keeps the first few of a kind and counts all. */
final class Findings {

  /** One lost file would be a hundred thousand lines. */
  private static final int KEPT_OF_A_KIND = 20;

  private final List<Violation> violations = new ArrayList<>();
  private final Map<Anomaly, Long> counts = new EnumMap<>(Anomaly.class);

  void add(Anomaly anomaly, Object where, String what, Spot spot) {
    if (counts.merge(anomaly, 1L, Long::sum) <= KEPT_OF_A_KIND) {
      violations.add(new Violation(anomaly, where.toString(), what, spot));
    }
  }

  Verdict verdict() {
    return new Verdict(violations, counts);
  }
}
