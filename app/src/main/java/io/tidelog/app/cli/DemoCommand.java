package io.tidelog.app.cli;

import io.tidelog.app.demo.Demo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows the main job on real input in a temporary folder; status 0 only if all agreed. */
@Command(name = "demo", description = "stream a file's lines through a node and watch")
final class DemoCommand implements Callable<Integer> {

  private static final int INTERRUPTED = 130;
  private static final long CLEANING_TIMEOUT_S = 10;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description = "text to stream (default: some 20 MB of text from this system)")
  @Nullable Path file;

  /** Ctrl-C and SIGTERM end it early; then, too, nothing stays on the disk. */
  @Override
  public Integer call() throws IOException {
    var folder = Files.createTempDirectory("tidelog-demo");
    var cleaned = new CountDownLatch(1);
    endEarlyOnSignal(Thread.currentThread(), cleaned);
    try {
      return new Demo(System.out, folder).run(file) ? 0 : 1;
    } catch (InterruptedException e) {
      return INTERRUPTED;
    } finally {
      deleteAll(folder);
      cleaned.countDown();
    }
  }

  private static void endEarlyOnSignal(Thread demo, CountDownLatch cleaned) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  demo.interrupt();
                  try {
                    boolean unused = cleaned.await(CLEANING_TIMEOUT_S, TimeUnit.SECONDS);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
