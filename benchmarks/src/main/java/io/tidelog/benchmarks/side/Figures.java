package io.tidelog.benchmarks.side;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** What one run of a workload measured, by name and unit, in the order of the page. */
final class Figures {

  private static final double NS_PER_MS = 1e6;

  private final Map<String, Double> values = new LinkedHashMap<>();

  void add(String name, double value) {
    values.put(name, value);
  }

  /** Percentiles in milliseconds of what was recorded in nanoseconds. */
  void addLatency(String name, Histogram ns) {
    add(name + " p50 ms", ns.getValueAtPercentile(50) / NS_PER_MS);
    add(name + " p99 ms", ns.getValueAtPercentile(99) / NS_PER_MS);
    add(name + " p99.9 ms", ns.getValueAtPercentile(99.9) / NS_PER_MS);
    add(name + " max ms", ns.getMaxValue() / NS_PER_MS);
  }

  /** What the server and the machine spent on {@code units} of work. */
  void addCost(String unit, ProcStat before, ProcStat after, double units) {
    add("CPU µs per " + unit, 1e6 * after.cpuSecondsSince(before) / units);
    add("machine CPU µs per " + unit, 1e6 * after.machineSecondsSince(before) / units);
    add("context switches per " + unit, after.contextSwitchesSince(before) / units);
  }

  Map<String, Double> values() {
    return Collections.unmodifiableMap(values);
  }
}
