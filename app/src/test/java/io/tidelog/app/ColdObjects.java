package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The objects of one log, seen as files below the folder of a store or of an S3 server. */
final class ColdObjects {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path root;

  ColdObjects(Path root) {
    this.root = root;
  }

  /** Their names, sorted: term, base LSN, random part. */
  List<String> names() throws IOException {
    if (!Files.exists(root)) {
      return List.of();
    }
    try (var files = Files.walk(root)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".tl0"))
          .sorted()
          .toList();
    }
  }

  /** Nothing that an attempt left behind stays: in the end every segment is there once. */
  void awaitNoOrphan() {
    await()
        .atMost(PATIENCE)
        // The walk met a file that was collected meanwhile.
        .ignoreException(UncheckedIOException.class)
        .untilAsserted(
            () ->
                assertThat(names())
                    .extracting(name -> name.split("-", -1)[1])
                    .doesNotHaveDuplicates());
  }
}
