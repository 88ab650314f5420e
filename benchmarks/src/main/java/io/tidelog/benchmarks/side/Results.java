package io.tidelog.benchmarks.side;

import io.tidelog.benchmarks.side.ServerProcess.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What was measured: a file for each workload, a line of JSON for each run. */
final class Results {

  private static final Pattern TEXT = Pattern.compile("\"(\\w+)\":\"([^\"]*)\"");
  private static final Pattern NUMBER = Pattern.compile("\"([^\"]+)\":(-?[0-9][0-9.E-]*)");

  private final Path folder;

  Results(Path folder) {
    this.folder = folder;
  }

  /**
   * One run.
   *
   * @param at when it ended
   * @param build the commit that was checked out
   */
  record Run(String workload, Kind server, String at, String build, Map<String, Double> figures) {

    String json() {
      var numbers =
          figures.entrySet().stream()
              .map(figure -> "\"" + figure.getKey() + "\":" + figure.getValue())
              .collect(Collectors.joining(","));
      return "{\"workload\":\"%s\",\"server\":\"%s\",\"at\":\"%s\",\"build\":\"%s\",\"figures\":{%s}}"
          .formatted(workload, server, at, build, numbers);
    }

    static Run parse(String json) {
      var texts = new LinkedHashMap<String, String>();
      TEXT.matcher(json).results().forEach(match -> texts.put(match.group(1), match.group(2)));
      var figures = new LinkedHashMap<String, Double>();
      NUMBER
          .matcher(json)
          .results()
          .forEach(match -> figures.put(match.group(1), Double.valueOf(match.group(2))));
      return new Run(
          text(texts, "workload"),
          Kind.valueOf(text(texts, "server")),
          text(texts, "at"),
          text(texts, "build"),
          figures);
    }

    private static String text(Map<String, String> texts, String key) {
      var text = texts.get(key);
      if (text == null) {
        throw new IllegalArgumentException("a line of results has no " + key);
      }
      return text;
    }
  }

  void add(Run run) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        file(run.workload()),
        run.json() + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  List<Run> of(String workload, Kind server) throws IOException {
    var file = file(workload);
    var runs = new ArrayList<Run>();
    if (Files.exists(file)) {
      for (var line : Files.readAllLines(file)) {
        runs.add(Run.parse(line));
      }
    }
    runs.removeIf(run -> run.server() != server);
    return runs;
  }

  int count(String workload, Kind server) throws IOException {
    return of(workload, server).size();
  }

  /** What was found out about the figures, written by hand. */
  String notes() throws IOException {
    var notes = folder.resolve("notes.md");
    return Files.exists(notes) ? Files.readString(notes) : "";
  }

  private Path file(String workload) {
    return folder.resolve(workload + ".jsonl");
  }
}
