package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeletedTopicTest {

  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final Map<String, String> SETTINGS =
      Map.of(
          "tidelog.segment.bytes", "1048576",
          "tidelog.segment.ms", "300",
          "log.local.retention.ms", "1",
          "tidelog.cold.delete.grace.ms", "3000");

  @TempDir Path data;

  @Test
  void itsObjectsGoAlsoWhenTheNodeIsRestartedAndIdleSince() throws Exception {
    try (var node = new RunningNode(data, SETTINGS);
        var admin = node.adminClient()) {
      admin
          .createTopics(List.of(new NewTopic("lines", Optional.of(1), Optional.empty())))
          .all()
          .get();
      produce(node);
      await().atMost(PATIENCE).until(() -> objects() >= 2);
      admin.deleteTopics(List.of("lines")).all().get();
    }
    assertThat(objects()).isPositive();
    try (var node = new RunningNode(data, SETTINGS)) {
      await().atMost(PATIENCE).until(() -> objects() == 0);
      assertThat(node.bootstrap()).isNotEmpty();
    }
  }

  private static void produce(RunningNode node) throws Exception {
    try (var producer = node.producer(Map.of("linger.ms", 2, "batch.size", 65_536))) {
      var value = "x".repeat(500);
      var sent =
          IntStream.range(0, 6_000)
              .mapToObj(i -> producer.send(new ProducerRecord<>("lines", 0, null, value)))
              .toList();
      for (var one : sent) {
        one.get();
      }
    }
  }

  private long objects() throws IOException {
    try (var files = Files.walk(data.resolve("objects"))) {
      return files.filter(file -> file.toString().endsWith(".tl0")).count();
    }
  }
}
