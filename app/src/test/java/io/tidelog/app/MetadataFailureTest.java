package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.testkit.disk.CrashableDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose metadata can no longer be written ends, rather than serve half. */
@Tag("mounts")
class MetadataFailureTest {

  private static final long DISK_BYTES = 512L << 20;

  @TempDir Path folder;

  @Test
  void aNodeWhoseMetadataCannotBeWrittenEndsWithAnErrorAndStartsAgainOnASoundDisk()
      throws Exception {
    try (var disk = CrashableDisk.create(folder, DISK_BYTES);
        var node = new ChildNode(folder, disk.folder().resolve("node"), Map.of())) {
      node.start();
      create(node, "before");
      disk.cutPower();
      assertThatThrownBy(() -> create(node, "after")).isNotNull();
      assertThat(node.awaitEnd()).isEqualTo(1);
      assertThat(Files.readString(node.log()))
          .contains("metadata has failed, the node cannot go on")
          .contains("tidelog: the node has failed: the metadata store has stopped");
      disk.restore();
      node.start();
      try (var admin = admin(node)) {
        assertThat(admin.listTopics().names().get()).contains("before").doesNotContain("after");
      }
    }
  }

  private static void create(ChildNode node, String topic) throws Exception {
    try (var admin = admin(node)) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
  }

  private static Admin admin(ChildNode node) {
    return Admin.create(
        Map.of(
            "bootstrap.servers", node.bootstrap(),
            "request.timeout.ms", 5_000,
            "default.api.timeout.ms", 10_000));
  }
}
