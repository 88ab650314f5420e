package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The main job, done by Kafka's own Java clients over real sockets. */
class MainJobTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path data;

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
  void whatIsProducedIsConsumedInOrder(String codec) throws Exception {
    try (var node = new RunningNode(data, Map.of())) {
      var values = values(500);
      produce(node, "orders", values, Map.of("compression.type", codec, "linger.ms", 5));
      assertThat(valuesOf(consume(node, "orders", "g", 500, Map.of()))).isEqualTo(values);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aGroupResumesWhereItCommittedAlsoAfterARestart(String protocol) throws Exception {
    var group = Map.<String, Object>of("group.protocol", protocol);
    try (var node = new RunningNode(data, Map.of())) {
      produce(node, "orders", values(100), Map.of());
      consume(node, "orders", "g", 100, group);
      produce(node, "orders", List.of("later"), Map.of());
    }
    try (var node = new RunningNode(data, Map.of())) {
      assertThat(valuesOf(consume(node, "orders", "g", 1, group))).containsExactly("later");
    }
  }

  @Test
  void recordsAreReadBackFromTheColdTierOnceTheHotTierLetThemGo() throws Exception {
    var small =
        Map.of(
            "tidelog.segment.bytes", "1048576",
            "tidelog.local.max.bytes", "4194304",
            "log.local.retention.ms", "1",
            "tidelog.segment.ms", "500");
    var values = IntStream.range(0, 20_000).mapToObj(i -> i + "-" + "x".repeat(500)).toList();
    try (var node = new RunningNode(data, small);
        var admin = node.adminClient()) {
      create(node, new NewTopic("lines", Optional.of(1), Optional.empty()));
      produce(node, "lines", values, Map.of("batch.size", 65_536, "linger.ms", 2));
      var partition = new TopicPartition("lines", 0);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  admin
                          .listOffsets(Map.of(partition, OffsetSpec.earliestLocal()))
                          .partitionResult(partition)
                          .get()
                          .offset()
                      > 10_000);
      assertThat(valuesOf(consume(node, "lines", "g", values.size(), Map.of()))).isEqualTo(values);
    }
    try (var node = new RunningNode(data, small)) {
      assertThat(valuesOf(consume(node, "lines", "after-restart", values.size(), Map.of())))
          .isEqualTo(values);
    }
  }

  @Test
  void aDelayTopicShowsNothingBeforeItIsDueAndThenEverythingInOrder() throws Exception {
    try (var node = new RunningNode(data, Map.of());
        var consumer = node.consumer("g", Map.of())) {
      create(node, new NewTopic("orders_2s", Optional.of(1), Optional.empty()));
      consumer.subscribe(List.of("orders_2s"));
      var values = values(50);
      long before = System.currentTimeMillis();
      produce(node, "orders_2s", values, Map.of());
      var seen = poll(consumer, 50);
      assertThat(System.currentTimeMillis() - before).isGreaterThanOrEqualTo(2_000);
      assertThat(valuesOf(seen)).isEqualTo(values);
    }
  }

  @Test
  void metricsAndHealthAreServed() throws Exception {
    try (var node = new RunningNode(data, Map.of());
        var http = HttpClient.newHttpClient()) {
      assertThat(get(http, node, "/health/ready").statusCode()).isEqualTo(200);
      assertThat(get(http, node, "/health/live").statusCode()).isEqualTo(200);
      assertThat(get(http, node, "/metrics").body()).contains("tidelog_");
      assertThat(get(http, node, "/other").statusCode()).isEqualTo(404);
    }
  }

  private static HttpResponse<String> get(HttpClient http, RunningNode node, String path)
      throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://" + node.admin() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static List<String> values(int count) {
    return IntStream.range(0, count).mapToObj(i -> "value-" + i).toList();
  }

  private static void create(RunningNode node, NewTopic topic)
      throws ExecutionException, InterruptedException {
    try (var admin = node.adminClient()) {
      admin.createTopics(List.of(topic)).all().get();
    }
  }

  private static void produce(
      RunningNode node, String topic, List<String> values, Map<String, Object> settings)
      throws Exception {
    try (var producer = node.producer(settings)) {
      var sent = values.stream().map(v -> producer.send(new ProducerRecord<>(topic, v))).toList();
      for (var one : sent) {
        one.get();
      }
    }
  }

  private static List<ConsumerRecord<String, String>> consume(
      RunningNode node, String topic, String group, int count, Map<String, Object> settings) {
    try (var consumer = node.consumer(group, settings)) {
      consumer.subscribe(List.of(topic));
      var records = poll(consumer, count);
      consumer.commitSync();
      return records;
    }
  }

  private static List<ConsumerRecord<String, String>> poll(
      KafkaConsumer<String, String> consumer, int count) {
    var records = new ArrayList<ConsumerRecord<String, String>>();
    await()
        .atMost(PATIENCE)
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              consumer.poll(Duration.ofMillis(200)).forEach(records::add);
              return records.size() >= count;
            });
    return records;
  }

  private static List<String> valuesOf(List<ConsumerRecord<String, String>> records) {
    return records.stream().map(ConsumerRecord::value).toList();
  }
}
