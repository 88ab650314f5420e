package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryFilesTest {

  @TempDir Path folder;

  @Test
  void aKilledNodeLeavesNothingInTheFolderForTemporaryFiles() throws Exception {
    try (var node = new ChildNode(folder, Map.of())) {
      node.start();
      try (var admin =
          Admin.create(Map.<String, Object>of("bootstrap.servers", node.bootstrap()))) {
        admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1))).all().get();
      }
      node.kill();
      try (var left = Files.list(node.temporaryFiles())) {
        assertThat(left).isEmpty();
      }
    }
  }
}
