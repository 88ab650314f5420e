package io.tidelog.benchmarks.side;

import io.tidelog.benchmarks.side.ServerProcess.Kind;
import io.tidelog.benchmarks.side.Workload.Scale;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * {@code ./tidelog bench}: interleaved pairs of Tidelog, with fsync before every acknowledgement,
 * and Apache Kafka, without. Every run adds a line to the results; the page is made of all lines.
 */
public final class SideBySide {

  private static final int DEFAULT_RUNS = 5;
  private static final String USAGE =
      """
      Usage: ./tidelog bench [--quick] [--only tidelog|kafka] [RUNS] [WORKLOAD ...]
             ./tidelog bench page
             ./tidelog bench jmh [JMH OPTIONS]

      Measures each workload RUNS times (default 5) with each server and writes
      docs/benchmarks.md. Without a workload all are measured, which takes hours.
      Results are kept in benchmarks/results; delete a file there to begin it anew.

        --quick   a tenth of everything, printed and not kept
        --only    one server instead of both
        page      writes docs/benchmarks.md from the results there are
        jmh       the benchmarks of single methods

      Workloads:
      """;

  private final Path root;
  private final Results results;
  private final Scale scale;

  private SideBySide(Path root, Scale scale) {
    this.root = root;
    this.results = new Results(root.resolve("benchmarks/results"));
    this.scale = scale;
  }

  /** What the command line asks for. */
  private record Wish(Scale scale, TreeSet<Kind> kinds, int runs, List<Workload> workloads) {}

  public static void main(String[] args) throws Exception {
    var root = Path.of(args[0]).toAbsolutePath();
    var words = new ArrayList<>(List.of(args).subList(1, args.length));
    if (words.equals(List.of("page"))) {
      new SideBySide(root, Scale.FULL).writePage();
      return;
    }
    Wish wish;
    try {
      wish = wish(words);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.print(usage());
      System.exit(2);
      return;
    }
    var bench = new SideBySide(root, wish.scale());
    for (var workload : wish.workloads()) {
      for (int run = 0; run < wish.runs(); run++) {
        bench.pair(workload, wish.kinds());
      }
    }
    if (wish.scale() == Scale.FULL) {
      bench.writePage();
    }
  }

  private static Wish wish(List<String> words) {
    var rest = new ArrayList<>(words);
    var scale = rest.remove("--quick") ? Scale.QUICK : Scale.FULL;
    var kinds = new TreeSet<>(List.of(Kind.values()));
    int only = rest.indexOf("--only");
    if (only >= 0 && only + 1 < rest.size()) {
      kinds.retainAll(List.of(Kind.valueOf(rest.remove(only + 1).toUpperCase(Locale.ROOT))));
      rest.remove(only);
    }
    int runs = DEFAULT_RUNS;
    if (!rest.isEmpty() && rest.getFirst().matches("\\d+")) {
      runs = Integer.parseInt(rest.removeFirst());
    }
    var known = Workloads.ALL.stream().map(Workload::name).toList();
    if (!known.containsAll(rest)) {
      rest.removeAll(known);
      throw new IllegalArgumentException("bench: what is " + String.join(" ", rest) + "?");
    }
    var wanted =
        Workloads.ALL.stream().filter(w -> rest.isEmpty() || rest.contains(w.name())).toList();
    return new Wish(scale, kinds, runs, wanted);
  }

  private static String usage() {
    var text = new StringBuilder(USAGE);
    for (var workload : Workloads.ALL) {
      text.append("  ").append(workload.name()).append('\n');
    }
    return text.toString();
  }

  /** One run of each; who begins alternates from pair to pair, also over several calls. */
  private void pair(Workload workload, TreeSet<Kind> wanted)
      throws IOException, InterruptedException {
    var kinds = new ArrayList<>(wanted);
    kinds.retainAll(workload.servers());
    if (results.count(workload.name(), Kind.TIDELOG) % 2 == 1) {
      Collections.reverse(kinds);
    }
    for (var kind : kinds) {
      var folder = Files.createTempDirectory("tidelog-bench");
      var settings = kind == Kind.TIDELOG ? workload.settings() : List.<String>of();
      try (var server = new ServerProcess(kind, root, folder, settings)) {
        server.prepare();
        var figures = workload.body().run(server, scale).values();
        print(workload, kind, figures);
        if (scale == Scale.FULL) {
          results.add(
              new Results.Run(workload.name(), kind, Instant.now().toString(), build(), figures));
        }
      }
    }
  }

  private static void print(Workload workload, Kind kind, Map<String, Double> figures) {
    System.out.println(workload.name() + " " + kind);
    figures.forEach(
        (name, value) ->
            System.out.println("  " + name + " = " + BenchmarksPage.threeDigits(value)));
  }

  private String build() throws IOException, InterruptedException {
    var git =
        new ProcessBuilder("git", "-C", root.toString(), "rev-parse", "--short=9", "HEAD")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    var head = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    git.waitFor();
    return head;
  }

  private void writePage() throws IOException {
    var page = root.resolve("docs/benchmarks.md");
    Files.writeString(page, new BenchmarksPage(results).text());
    System.out.println("Wrote " + page);
  }
}
