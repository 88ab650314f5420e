package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The object store is away for a while: its folder is moved, so that every write to it fails. */
class ObjectStoreOutageTest {

  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final TopicPartition LINES = new TopicPartition("lines", 0);
  private static final Map<String, String> SETTINGS =
      Map.of(
          "tidelog.segment.bytes", "1048576",
          "tidelog.segment.ms", "500",
          "log.local.retention.ms", "1",
          "tidelog.cold.alarm.ms", "1000");

  @TempDir Path data;

  @Test
  void whatIsProducedWhileTheStoreIsOutStaysHereAndIsOffloadedAfterwards() throws Exception {
    var objects = data.resolve("objects");
    var away = data.resolve("objects.away");
    try (var node = new RunningNode(data, SETTINGS);
        var admin = node.adminClient();
        var http = HttpClient.newHttpClient()) {
      admin
          .createTopics(List.of(new NewTopic("lines", Optional.of(1), Optional.empty())))
          .all()
          .get();
      var values = new ArrayList<String>();
      values.addAll(produce(node, "before", 4_000));
      awaitFirstLocalOffset(admin, 1);

      Files.move(objects, away);
      values.addAll(produce(node, "during", 12_000));
      await().atMost(PATIENCE).until(() -> metric(http, node, "tidelog_cold_alarm") == 1);
      assertThat(metric(http, node, "tidelog_cold_failures_total")).isPositive();
      assertThat(firstLocalOffset(admin)).isLessThanOrEqualTo(4_000);
      values.addAll(produce(node, "still-during", 100));
      assertThat(consume(node, "during", 4_000, values.size()))
          .isEqualTo(values.subList(4_000, values.size()));

      Files.move(away, objects);
      await().atMost(PATIENCE).until(() -> metric(http, node, "tidelog_cold_alarm") == 0);
      awaitFirstLocalOffset(admin, 15_000);
      assertThat(consume(node, "after", 0, values.size())).isEqualTo(values);
    }
  }

  private static List<String> produce(RunningNode node, String what, int count) throws Exception {
    var values = IntStream.range(0, count).mapToObj(i -> what + i + "x".repeat(500)).toList();
    try (var producer = node.producer(Map.of("linger.ms", 2, "batch.size", 65_536))) {
      var sent =
          values.stream()
              .map(v -> producer.send(new ProducerRecord<>("lines", 0, null, v)))
              .toList();
      for (var one : sent) {
        one.get();
      }
    }
    return values;
  }

  private static List<String> consume(RunningNode node, String group, long from, int end) {
    var values = new ArrayList<String>();
    try (var consumer = node.consumer(group, Map.of())) {
      consumer.assign(List.of(LINES));
      consumer.seek(LINES, from);
      await()
          .atMost(PATIENCE)
          .pollInSameThread()
          .pollInterval(Duration.ofMillis(1))
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
                return from + values.size() >= end;
              });
    }
    return values;
  }

  private static void awaitFirstLocalOffset(Admin admin, long atLeast) {
    await().atMost(PATIENCE).until(() -> firstLocalOffset(admin) >= atLeast);
  }

  private static long firstLocalOffset(Admin admin) throws Exception {
    return admin
        .listOffsets(Map.of(LINES, OffsetSpec.earliestLocal()))
        .partitionResult(LINES)
        .get()
        .offset();
  }

  private static double metric(HttpClient http, RunningNode node, String name) throws Exception {
    var page =
        http.send(
                HttpRequest.newBuilder(URI.create("http://" + node.admin() + "/metrics")).build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    var value = Pattern.compile("(?m)^" + name + "(?:_ratio)?(?:\\{[^}]*})? (\\S+)").matcher(page);
    assertThat(value.find()).as("%s in\n%s", name, page).isTrue();
    return Double.parseDouble(value.group(1));
  }
}
