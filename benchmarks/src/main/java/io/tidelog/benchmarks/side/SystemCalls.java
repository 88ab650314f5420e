package io.tidelog.benchmarks.side;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Counts the system calls of a process with {@code perf stat}, where the machine has it. */
final class SystemCalls {

  private static final long ATTACH_NS = 300_000_000;

  private SystemCalls() {}

  /** A load that is counted while it runs. */
  interface Load {

    void run() throws IOException, InterruptedException;
  }

  /** Empty when the machine cannot count; the load runs all the same. */
  static OptionalLong during(long pid, Load load) throws IOException, InterruptedException {
    var output = Files.createTempFile("tidelog-bench", ".perf");
    try {
      var perf = start(pid, output);
      LockSupport.parkNanos(ATTACH_NS);
      load.run();
      if (perf == null) {
        return OptionalLong.empty();
      }
      new ProcessBuilder(List.of("kill", "-INT", Long.toString(perf.pid()))).start().waitFor();
      perf.waitFor(10, TimeUnit.SECONDS);
      return count(output);
    } finally {
      Files.delete(output);
    }
  }

  private static @org.jspecify.annotations.Nullable Process start(long pid, Path output) {
    var command =
        List.of(
            "perf", "stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-p", Long.toString(pid));
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(output.toFile())
          .start();
    } catch (IOException noPerf) {
      return null;
    }
  }

  private static OptionalLong count(Path output) throws IOException {
    for (var line : Files.readAllLines(output, StandardCharsets.UTF_8)) {
      if (line.contains("raw_syscalls:sys_enter") && Character.isDigit(line.charAt(0))) {
        return OptionalLong.of(Long.parseLong(line.substring(0, line.indexOf(','))));
      }
    }
    return OptionalLong.empty();
  }
}
