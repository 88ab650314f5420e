package io.tidelog.app.cli;

import io.tidelog.app.config.ConfigurationReference;
import io.tidelog.metadata.api.TopicSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes the generated pages of the documentation. */
@Command(name = "docs", description = "write docs/configuration.md again")
final class DocsCommand implements Runnable {

  @Parameters(paramLabel = "DIR", defaultValue = "docs", description = "the folder docs")
  Path folder = Path.of("docs");

  @Option(
      names = "--properties",
      paramLabel = "FILE",
      description = "write a properties file of all defaults instead")
  @Nullable Path properties;

  @Override
  public void run() {
    try {
      if (properties != null) {
        Files.writeString(properties, ConfigurationReference.properties());
        return;
      }
      Files.writeString(
          folder.resolve("configuration.md"),
          ConfigurationReference.page(List.copyOf(TopicSettings.all())));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the reference", e);
    }
  }
}
