package io.tidelog.benchmarks.side;

import io.tidelog.benchmarks.side.ServerProcess.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Writes {@code docs/benchmarks.md} from the results there are. */
final class BenchmarksPage {

  private static final String INTRODUCTION =
      """
      # Benchmarks

      Written by `./tidelog bench page` from the runs in `benchmarks/results`, one line of JSON each, and
      the notes there.

      Tidelog acknowledges after `fdatasync`; Apache Kafka 4.3.1 beside it, with its defaults, does
      not sync. Each run has a server process and a folder of its own; pairs are interleaved, and who
      begins alternates. Both run as their start scripts start them, Kafka with its default heap of
      1 GiB. CPU is user and system time of the server process as Linux counts it, the just-in-time
      compiler's and, for Tidelog, the offloading's included; machine CPU is that of all processes,
      the load's own included. System calls are counted by `perf stat` in a window of their own.
      Clients are raw connections of one process on the same machine that send ready-made frames.
      The hiccup meter is a thread of that process that wants to run every millisecond: what it
      waits, the machine is to blame for. MiB is 2^20 bytes, µs 10^-6 s.

      Figures are medians (least to greatest) of *n* runs. Kafka needs minutes for ten thousand
      partitions and is run less often there.

      ```
      ./tidelog bench                    # all of it, five pairs each
      ./tidelog bench 5 small paced      # five pairs of two workloads
      ./tidelog bench --quick 1          # a tenth of everything, to see whether it works
      ./tidelog bench jmh                # single methods
      ./tidelog bench page               # this page from the results there are
      ```

      """;

  private final Results results;

  BenchmarksPage(Results results) {
    this.results = results;
  }

  String text() throws IOException {
    var page = new StringBuilder(INTRODUCTION);
    page.append("Machine: ").append(machine()).append(". Commits measured: ");
    page.append(String.join(", ", builds())).append(".\n\n## Targets\n\n");
    page.append("| Workload | Figure | Target | Tidelog | Kafka | Tidelog / Kafka | Verdict |\n");
    page.append("|---|---|---|---|---|---|---|\n");
    for (var target : Target.ALL) {
      page.append(row(target));
    }
    page.append("\n").append(results.notes());
    page.append("\n## All figures\n");
    for (var workload : Workloads.ALL) {
      page.append("\n### ").append(workload.name()).append("\n\n");
      page.append(workload.method()).append("\n\n").append(figures(workload));
    }
    return page.toString();
  }

  private String row(Target target) throws IOException {
    var ours = values(target.workload(), Kind.TIDELOG, target.figure());
    var theirs = values(target.workload(), Kind.KAFKA, target.figure());
    String verdict = "not measured";
    if (!ours.isEmpty() && !(target.needsKafka() && theirs.isEmpty())) {
      verdict = target.isReached(median(ours), median(theirs)) ? "reached" : "**missed**";
    }
    return cells(
        target.workload(),
        target.figure(),
        target.text(),
        range(ours),
        range(theirs),
        ratio(ours, theirs),
        verdict);
  }

  private String figures(Workload workload) throws IOException {
    int ours = results.count(workload.name(), Kind.TIDELOG);
    int theirs = results.count(workload.name(), Kind.KAFKA);
    var names = new LinkedHashSet<String>();
    for (var kind : Kind.values()) {
      results.of(workload.name(), kind).forEach(run -> names.addAll(run.figures().keySet()));
    }
    if (names.isEmpty()) {
      return "Not measured yet.\n";
    }
    var table = new StringBuilder();
    table.append(
        cells("Figure", "Tidelog, n = " + ours, "Kafka, n = " + theirs, "Tidelog / Kafka"));
    table.append("|---|---|---|---|\n");
    for (var name : names) {
      var tidelog = values(workload.name(), Kind.TIDELOG, name);
      var kafka = values(workload.name(), Kind.KAFKA, name);
      table.append(cells(name, range(tidelog), range(kafka), ratio(tidelog, kafka)));
    }
    return table.toString();
  }

  private static String cells(String... cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  /** Sorted. */
  private List<Double> values(String workload, Kind kind, String figure) throws IOException {
    return results.of(workload, kind).stream()
        .filter(run -> run.figures().containsKey(figure))
        .map(run -> run.figures().get(figure))
        .sorted()
        .collect(Collectors.toList());
  }

  private TreeSet<String> builds() throws IOException {
    var builds = new TreeSet<String>();
    for (var workload : Workloads.ALL) {
      results.of(workload.name(), Kind.TIDELOG).forEach(run -> builds.add(run.build()));
    }
    return builds;
  }

  private static String range(List<Double> sorted) {
    if (sorted.isEmpty()) {
      return "";
    }
    var median = threeDigits(median(sorted));
    return sorted.size() == 1
        ? median
        : median
            + " ("
            + threeDigits(sorted.getFirst())
            + " to "
            + threeDigits(sorted.getLast())
            + ")";
  }

  private static String ratio(List<Double> ours, List<Double> theirs) {
    if (ours.isEmpty() || theirs.isEmpty() || median(theirs) == 0) {
      return "";
    }
    return String.format(Locale.ROOT, "%.2f", median(ours) / median(theirs));
  }

  private static double median(List<Double> sorted) {
    if (sorted.isEmpty()) {
      return Double.NaN;
    }
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  static String threeDigits(double value) {
    if (value == 0) {
      return "0";
    }
    int before = (int) Math.floor(Math.log10(Math.abs(value))) + 1;
    return String.format(Locale.ROOT, "%,." + Math.clamp(3 - before, 0, 6) + "f", value);
  }

  private static String machine() throws IOException {
    var model =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .findFirst()
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .orElse("unknown processor");
    var kernel = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
    return "%d cores (%s), Linux %s, JDK %s"
        .formatted(Runtime.getRuntime().availableProcessors(), model, kernel, Runtime.version());
  }
}
