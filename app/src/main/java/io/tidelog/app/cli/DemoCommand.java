package io.tidelog.app.cli;

import io.tidelog.app.demo.Demo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows the main job on real input in a temporary folder; status 0 only if all agreed. */
@Command(name = "demo", description = "stream a file's lines through a node and watch")
final class DemoCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description = "text to stream (default: some 20 MB of text from this system)")
  @Nullable Path file;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var folder = Files.createTempDirectory("tidelog-demo");
    try {
      return new Demo(System.out, folder).run(file) ? 0 : 1;
    } finally {
      deleteAll(folder);
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
