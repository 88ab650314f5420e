package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.app.config.ConfigurationReference;
import io.tidelog.metadata.api.TopicSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigurationReferenceTest {

  private static final Path PAGE = Path.of("..", "docs", "configuration.md");

  @Test
  void thePageIsWhatTheSettingsSay() throws Exception {
    assertThat(Files.readString(PAGE))
        .as("run ./tidelog docs")
        .isEqualTo(ConfigurationReference.page(List.copyOf(TopicSettings.all())));
  }
}
