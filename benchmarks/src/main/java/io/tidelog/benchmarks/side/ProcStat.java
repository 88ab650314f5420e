package io.tidelog.benchmarks.side;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What Linux counted for a process (proc(5)): CPU seconds, context switches, open files, memory in
 * MiB.
 */
record ProcStat(
    double cpuSeconds,
    long contextSwitches,
    double rssMib,
    double rssAnonMib,
    double rssFileMib,
    long openFiles,
    double machineBusySeconds) {

  private static final double TICKS_PER_SECOND = 100;

  static ProcStat of(long pid) {
    try {
      var proc = Path.of("/proc", Long.toString(pid));
      var stat = Files.readString(proc.resolve("stat"));
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      double cpu = (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
      return new ProcStat(
          cpu,
          switches(proc),
          status(proc, "VmRSS:"),
          status(proc, "RssAnon:"),
          status(proc, "RssFile:"),
          count(proc.resolve("fd")),
          machineBusy());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long switches(Path proc) throws IOException {
    long sum = 0;
    try (Stream<Path> tasks = Files.list(proc.resolve("task"))) {
      for (var task : tasks.toList()) {
        try {
          for (var line : Files.readAllLines(task.resolve("status"))) {
            if (line.contains("ctxt_switches:")) {
              sum += Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
            }
          }
        } catch (IOException ended) {
          sum += 0; // a thread that ended takes its count with it
        }
      }
    }
    return sum;
  }

  private static double status(Path proc, String key) throws IOException {
    for (var line : Files.readAllLines(proc.resolve("status"))) {
      if (line.startsWith(key)) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    return 0;
  }

  private static long count(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.count();
    }
  }

  private static double machineBusy() throws IOException {
    var fields = Files.readAllLines(Path.of("/proc/stat")).get(0).trim().split("\\s+", -1);
    long busy = 0;
    for (int i = 1; i < fields.length; i++) {
      boolean idle = i == 4 || i == 5; // idle, iowait
      boolean guest = i > 8; // counted in user already
      busy += idle || guest ? 0 : Long.parseLong(fields[i]);
    }
    return busy / TICKS_PER_SECOND;
  }
}
