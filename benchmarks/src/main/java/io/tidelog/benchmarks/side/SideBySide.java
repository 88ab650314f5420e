package io.tidelog.benchmarks.side;

import io.tidelog.benchmarks.side.ServerProcess.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code ./tidelog bench [runs] [measure ...]}: interleaved pairs of Tidelog, with fsync before
 * every acknowledgement, and Apache Kafka, without; writes medians and ranges to {@code
 * docs/benchmarks.md}.
 */
public final class SideBySide {

  private static final int DEFAULT_RUNS = 5;

  private final Path root;
  private final int runs;
  private final Map<String, Map<Kind, Map<String, List<Double>>>> results = new LinkedHashMap<>();

  private SideBySide(Path root, int runs) {
    this.root = root;
    this.runs = runs;
  }

  public static void main(String[] args) throws Exception {
    var root = Path.of(args[0]).toAbsolutePath();
    int runs = args.length > 1 ? Integer.parseInt(args[1]) : DEFAULT_RUNS;
    var wanted = List.of(args).subList(Math.min(args.length, 2), args.length);
    var bench = new SideBySide(root, runs);
    for (var measure : List.of("start", "load", "partitions")) {
      if (wanted.isEmpty() || wanted.contains(measure)) {
        for (int run = 0; run < runs; run++) {
          bench.pair(measure, run);
        }
      }
    }
    var page = bench.page();
    System.out.println(page);
    if (wanted.isEmpty()) {
      Files.writeString(root.resolve("docs/benchmarks.md"), page);
    }
  }

  /** One run of each, the order turning round from run to run. */
  private void pair(String measure, int run) throws Exception {
    var kinds = new ArrayList<>(List.of(Kind.values()));
    if (run % 2 == 1) {
      Collections.reverse(kinds);
    }
    for (var kind : kinds) {
      var folder = Files.createTempDirectory("tidelog-bench");
      try (var server = new ServerProcess(kind, root, folder, List.of())) {
        switch (measure) {
          case "start" -> start(kind, server);
          case "load" -> load(kind, server);
          default -> partitions(kind, server);
        }
        System.err.println(measure + " run " + (run + 1) + " of " + runs + " " + kind);
      }
    }
  }

  private void start(Kind kind, ServerProcess server) throws Exception {
    add("start to first produce and consume", kind, Workloads.firstProduceAndConsume(server, "t"));
    add("idle", kind, Workloads.idle(server, Duration.ofSeconds(10)));
  }

  private void load(Kind kind, ServerProcess server) throws Exception {
    Workloads.firstProduceAndConsume(server, "t");
    add(
        "1 KiB produce requests, 4 connections",
        kind,
        Workloads.smallProduce(server, "small", 4, Duration.ofSeconds(10)));
    add(
        "1,000 single-record requests/s, one partition",
        kind,
        Workloads.paced(server, "paced", 1_000, Duration.ofSeconds(10)));
    add("10-byte records in 1 MiB batches", kind, Workloads.bigBatches(server, "big", 400));
    add("fetch", kind, Workloads.fetch(server, "big"));
  }

  private void partitions(Kind kind, ServerProcess server) throws Exception {
    Workloads.firstProduceAndConsume(server, "t");
    add("10,000 partitions", kind, Workloads.manyPartitions(server, 10_000));
  }

  private void add(String measure, Kind kind, Map<String, Double> figures) {
    var byName =
        results
            .computeIfAbsent(measure, m -> new EnumMap<>(Kind.class))
            .computeIfAbsent(kind, k -> new LinkedHashMap<>());
    figures.forEach(
        (name, value) -> byName.computeIfAbsent(name, n -> new ArrayList<>()).add(value));
  }

  private String page() throws IOException {
    var page = new StringBuilder();
    page.append(
        """
        # Benchmarks

        Written by `./tidelog bench`. Tidelog acknowledges after fdatasync; Apache Kafka 4.3.1
        beside it does not sync. Interleaved pairs, each with a fresh process and folder; median
        (minimum to maximum). CPU is user and system time of the server process, as Linux counts it.

        """);
    page.append("Machine: ").append(machine()).append(", runs: ").append(runs).append(".\n\n");
    page.append(
        "| Measure | Figure | Tidelog | Kafka | Tidelog / Kafka |\n|---|---|---|---|---|\n");
    results.forEach(
        (measure, byKind) -> {
          var ours = byKind.getOrDefault(Kind.TIDELOG, Map.of());
          var theirs = byKind.getOrDefault(Kind.KAFKA, Map.of());
          ours.forEach(
              (name, values) ->
                  page.append("| ")
                      .append(measure)
                      .append(" | ")
                      .append(name)
                      .append(" | ")
                      .append(range(values))
                      .append(" | ")
                      .append(range(theirs.getOrDefault(name, List.of())))
                      .append(" | ")
                      .append(ratio(values, theirs.getOrDefault(name, List.of())))
                      .append(" |\n"));
        });
    return page.toString();
  }

  private static String machine() throws IOException {
    var model =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .findFirst()
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .orElse("unknown processor");
    return Runtime.getRuntime().availableProcessors()
        + " cores, "
        + model
        + ", JDK "
        + Runtime.version();
  }

  private static String range(List<Double> values) {
    if (values.isEmpty()) {
      return "";
    }
    var sorted = values.stream().sorted().toList();
    return String.format(
        Locale.ROOT, "%.3g (%.3g to %.3g)", median(sorted), sorted.getFirst(), sorted.getLast());
  }

  private static String ratio(List<Double> ours, List<Double> theirs) {
    if (theirs.isEmpty()) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        "%.2f",
        median(ours.stream().sorted().toList()) / median(theirs.stream().sorted().toList()));
  }

  private static double median(List<Double> sorted) {
    return sorted.get(sorted.size() / 2);
  }
}
