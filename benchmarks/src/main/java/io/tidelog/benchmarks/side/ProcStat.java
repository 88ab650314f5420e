package io.tidelog.benchmarks.side;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What Linux counted for a process, and for the whole machine, up to now (proc(5)).
 *
 * @param cpuSeconds user and system time of the process
 * @param machineSeconds time that any process or the kernel kept a core busy
 * @param readBytes that the process had fetched from the disk, mapped files and programs included
 * @param askedBytes that the process read with system calls, from the disk or from memory
 */
record ProcStat(
    double cpuSeconds,
    double machineSeconds,
    long contextSwitches,
    long readBytes,
    long askedBytes,
    Memory memory,
    long openFiles) {

  private static final double TICKS_PER_SECOND = 100;
  private static final double KIB_PER_MIB = 1024;

  /** Resident memory in MiB: all of it, without a file behind it, pages of files. */
  record Memory(double rss, double anon, double file) {}

  static ProcStat of(long pid) {
    try {
      var proc = Path.of("/proc", Long.toString(pid));
      return new ProcStat(
          cpu(proc),
          machineBusy(),
          switches(proc),
          value(proc.resolve("io"), "read_bytes:"),
          value(proc.resolve("io"), "rchar:"),
          new Memory(mib(proc, "VmRSS:"), mib(proc, "RssAnon:"), mib(proc, "RssFile:")),
          count(proc.resolve("fd")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  double cpuSecondsSince(ProcStat before) {
    return cpuSeconds - before.cpuSeconds;
  }

  double machineSecondsSince(ProcStat before) {
    return machineSeconds - before.machineSeconds;
  }

  long contextSwitchesSince(ProcStat before) {
    return contextSwitches - before.contextSwitches;
  }

  private static double cpu(Path proc) throws IOException {
    var stat = Files.readString(proc.resolve("stat"));
    var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  /** A thread that ends meanwhile takes its count with it. */
  private static long switches(Path proc) throws IOException {
    long sum = 0;
    try (Stream<Path> tasks = Files.list(proc.resolve("task"))) {
      for (var task : tasks.toList()) {
        var status = task.resolve("status");
        if (Files.exists(status)) {
          sum += value(status, "voluntary_ctxt_switches:");
          sum += value(status, "nonvoluntary_ctxt_switches:");
        }
      }
    }
    return sum;
  }

  private static double mib(Path proc, String key) throws IOException {
    return value(proc.resolve("status"), key) / KIB_PER_MIB;
  }

  private static long value(Path file, String key) throws IOException {
    for (var line : Files.readAllLines(file)) {
      if (line.startsWith(key)) {
        return Long.parseLong(line.replaceAll("\\D", ""));
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
    var fields = Files.readAllLines(Path.of("/proc/stat")).getFirst().trim().split("\\s+", -1);
    long busy = 0;
    for (int i = 1; i < fields.length; i++) {
      boolean idle = i == 4 || i == 5; // idle, iowait
      boolean guest = i > 8; // counted in user already
      busy += idle || guest ? 0 : Long.parseLong(fields[i]);
    }
    return busy / TICKS_PER_SECOND;
  }
}
