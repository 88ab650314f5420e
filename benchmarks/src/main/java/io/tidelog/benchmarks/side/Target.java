package io.tidelog.benchmarks.side;

import java.util.List;

/**
 * What a figure should be.
 *
 * @param bound of the median, or of its ratio to Kafka's
 */
record Target(String workload, String figure, Sense sense, double bound) {

  /** How a figure is held against its bound. */
  enum Sense {
    AT_MOST("≤ "),
    LESS_THAN("< "),
    AT_LEAST("≥ "),
    AT_MOST_TIMES_KAFKA("≤ Kafka × ");

    private final String sign;

    Sense(String sign) {
      this.sign = sign;
    }
  }

  private static final String RECOVERED = "kill -9 to first produce and consume s";

  static final List<Target> ALL =
      List.of(
          new Target("start", "start to first produce and consume s", Sense.AT_MOST, 1.5),
          new Target("start", "start to first produce and consume CPU s", Sense.AT_MOST, 2.5),
          new Target("start", "idle RSS MiB", Sense.AT_MOST, 200),
          new Target("start", "idle % of a core", Sense.AT_MOST, 1),
          new Target("small", "CPU µs per request", Sense.AT_MOST_TIMES_KAFKA, 0.6),
          new Target("small-pipelined", "CPU µs per request", Sense.AT_MOST_TIMES_KAFKA, 0.6),
          new Target("batches", "CPU s per million records", Sense.AT_MOST_TIMES_KAFKA, 0.5),
          new Target("fetch", "CPU s per GiB", Sense.AT_MOST_TIMES_KAFKA, 1),
          new Target("paced", "answered requests/s", Sense.AT_LEAST, 999),
          new Target("paced", "latency p99 ms", Sense.AT_MOST_TIMES_KAFKA, 1),
          new Target("partitions", "creation to first produce and consume s", Sense.AT_MOST, 3),
          new Target("partitions", RECOVERED, Sense.AT_MOST, 5),
          new Target("partitions", "open files", Sense.LESS_THAN, 200),
          new Target("partitions", "live heap MiB", Sense.AT_MOST, 150),
          new Target("topics", "creation to first produce and consume s", Sense.AT_MOST, 3),
          new Target("topics", RECOVERED, Sense.AT_MOST, 5),
          new Target("topics", "open files", Sense.LESS_THAN, 200),
          new Target("topics", "live heap MiB", Sense.AT_MOST, 150),
          new Target("recovery", "start to first produce and consume s", Sense.AT_MOST, 10),
          new Target(
              "recovery",
              "start to first produce and consume s, empty page cache",
              Sense.AT_MOST,
              10),
          new Target("recovery", "read from disk MiB, empty page cache", Sense.AT_MOST, 512),
          new Target("cluster", "CPU s of all nodes per GiB", Sense.AT_MOST_TIMES_KAFKA, 1),
          new Target("delay", "early records", Sense.AT_MOST, 0),
          new Target("delay", "lateness p99 ms", Sense.AT_MOST, 25));

  String text() {
    return sense.sign + BenchmarksPage.threeDigits(bound);
  }

  boolean needsKafka() {
    return sense == Sense.AT_MOST_TIMES_KAFKA;
  }

  /**
   * @param kafka NaN where Kafka was not measured
   */
  boolean isReached(double tidelog, double kafka) {
    return switch (sense) {
      case AT_MOST -> tidelog <= bound;
      case LESS_THAN -> tidelog < bound;
      case AT_LEAST -> tidelog >= bound;
      case AT_MOST_TIMES_KAFKA -> tidelog <= bound * kafka;
    };
  }
}
