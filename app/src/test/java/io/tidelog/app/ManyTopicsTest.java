package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManyTopicsTest {

  private static final int TOPICS = 10_000;
  private static final int TOPICS_OF_A_REQUEST = 500;
  private static final int MOST_FILES = 200;

  @TempDir Path data;

  @Test
  void tenThousandTopicsTakeFewFilesAndAreAllThereAfterARestart() throws Exception {
    try (var node = new RunningNode(data, Map.of());
        var admin = node.adminClient()) {
      for (int first = 0; first < TOPICS; first += TOPICS_OF_A_REQUEST) {
        admin.createTopics(topics(first)).all().get();
      }
      try (var files = Files.walk(data)) {
        assertThat(files.filter(Files::isRegularFile)).hasSizeLessThan(MOST_FILES);
      }
    }
    try (var node = new RunningNode(data, Map.of());
        var admin = node.adminClient();
        var producer = node.producer(Map.of())) {
      assertThat(admin.listTopics().names().get()).hasSize(TOPICS);
      for (var name : List.of("topic-0", "topic-9999")) {
        assertThat(producer.send(new ProducerRecord<>(name, "value")).get().offset()).isZero();
      }
    }
  }

  private static List<NewTopic> topics(int first) {
    return IntStream.range(first, first + TOPICS_OF_A_REQUEST)
        .mapToObj(i -> new NewTopic("topic-" + i, 1, (short) 1))
        .toList();
  }
}
