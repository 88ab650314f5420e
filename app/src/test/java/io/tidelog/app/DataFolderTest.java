package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data folder whose parts do not belong together is refused, and nothing of it is changed. */
class DataFolderTest {

  @TempDir Path folder;

  @Test
  void aLogWhoseMetadataIsGoneIsRefusedUntilItIsBack() throws Exception {
    var data = founded("a");
    var away = folder.resolve("away");
    Files.move(data.resolve("metadata"), away);
    assertThatThrownBy(() -> new RunningNode(data, Map.of()))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining(data.toString())
        .hasMessageContaining(logOf(data))
        .hasMessageContaining("metadata that knows it is gone");
    Files.move(away, data.resolve("metadata"));
    assertThat(topics(data)).contains("orders");
  }

  @Test
  void aLogBesideTheMetadataOfAnotherClusterIsRefusedUntilItsOwnIsBack() throws Exception {
    var data = founded("a");
    var other = founded("b");
    swap(data.resolve("metadata"), other.resolve("metadata"));
    assertThatThrownBy(() -> new RunningNode(data, Map.of()))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining(data.toString())
        .hasMessageContaining("another cluster");
    swap(data.resolve("metadata"), other.resolve("metadata"));
    assertThat(topics(data)).contains("orders");
    assertThat(topics(other)).contains("orders");
  }

  /** Its name says the right log, what it holds does not. */
  @Test
  void aForeignLogUnderTheRightNameIsRefused() throws Exception {
    var data = founded("a");
    var other = founded("b");
    var own = data.resolve("logs").resolve(logOf(data));
    Files.move(own, folder.resolve("away"));
    Files.move(other.resolve("logs").resolve(logOf(other)), own);
    assertThatThrownBy(() -> new RunningNode(data, Map.of()))
        .isInstanceOf(Fault.Broken.class)
        .hasMessageContaining("disk.properties is of cluster")
        .hasMessageContaining(own.toString());
  }

  @Test
  void aLogWithoutItsIdentityIsRefused() throws Exception {
    var data = founded("a");
    Files.delete(data.resolve("logs").resolve(logOf(data)).resolve("disk.properties"));
    assertThatThrownBy(() -> new RunningNode(data, Map.of()))
        .isInstanceOf(Fault.Broken.class)
        .hasMessageContaining("disk.properties is missing beside a log");
  }

  @Test
  void theCommandSaysSoAndEndsWithAnError() throws Exception {
    var data = founded("a");
    Files.move(data.resolve("metadata"), folder.resolve("away"));
    try (var node = new ChildNode(folder, data, Map.of())) {
      var unused = node.launch();
      assertThat(node.awaitEnd()).isEqualTo(1);
      assertThat(Files.readString(node.log()))
          .contains("tidelog: Data folder " + data)
          .doesNotContain("Tidelog is ready");
    }
  }

  private Path founded(String name) throws Exception {
    var data = folder.resolve(name);
    try (var node = new RunningNode(data, Map.of());
        var admin = node.adminClient()) {
      admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1))).all().get();
    }
    return data;
  }

  private static List<String> topics(Path data) throws Exception {
    try (var node = new RunningNode(data, Map.of());
        Admin admin = node.adminClient()) {
      return List.copyOf(admin.listTopics().names().get());
    }
  }

  private static String logOf(Path data) throws IOException {
    try (var logs = Files.list(data.resolve("logs"))) {
      return logs.findFirst().orElseThrow().getFileName().toString();
    }
  }

  private void swap(Path one, Path other) throws IOException {
    var between = folder.resolve("between");
    Files.move(one, between);
    Files.move(other, one);
    Files.move(between, other);
  }
}
