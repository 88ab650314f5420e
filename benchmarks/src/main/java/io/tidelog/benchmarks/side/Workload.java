package io.tidelog.benchmarks.side;

import io.tidelog.benchmarks.side.ServerProcess.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * One thing to measure, on a fresh server each time.
 *
 * @param settings of Tidelog, {@code key=value} each; Kafka always has its defaults
 * @param method what is done, as the page says it
 */
record Workload(String name, Set<Kind> servers, List<String> settings, String method, Body body) {

  /** Drives a prepared server that is not started yet. */
  interface Body {

    Figures run(ServerProcess server, Scale scale) throws IOException, InterruptedException;
  }

  static Workload pair(String name, String method, Body body) {
    return new Workload(name, Set.of(Kind.values()), List.of(), method, body);
  }

  static Workload tidelogOnly(String name, List<String> settings, String method, Body body) {
    return new Workload(name, Set.of(Kind.TIDELOG), settings, method, body);
  }

  /** How much of everything: all, or a tenth to see whether it works. */
  enum Scale {
    FULL(1),
    QUICK(10);

    private final int divisor;

    Scale(int divisor) {
      this.divisor = divisor;
    }

    Duration seconds(long full) {
      return Duration.ofSeconds(full).dividedBy(divisor);
    }

    int count(int full) {
      return full / divisor;
    }
  }
}
