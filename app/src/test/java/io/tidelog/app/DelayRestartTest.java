package io.tidelog.app;

import static io.tidelog.app.TestTopic.PATIENCE;
import static io.tidelog.app.TestTopic.poll;
import static io.tidelog.app.TestTopic.values;
import static io.tidelog.app.TestTopic.valuesOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.app.cli.TidelogCommand;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Delay topics over restarts, kills and the way into the cold tier and back. */
class DelayRestartTest {

  @TempDir Path data;

  @Test
  void aKillShowsNothingEarlyLosesNothingAndResetsNobody() throws Exception {
    try (var node = new ChildNode(data, Map.of())) {
      node.start();
      try (var admin = Admin.create(Map.<String, Object>of("bootstrap.servers", node.bootstrap()));
          var producer = producer(node);
          var past = consumer(node, Map.of("auto.offset.reset", "none"));
          var latest = consumer(node, Map.of("auto.offset.reset", "latest"))) {
        var topic = TestTopic.create(admin, "killed_10s", Map.of());
        long beforeMs = System.currentTimeMillis();
        topic.produce(producer, values("pending", 10));
        past.assign(List.of(topic.partition()));
        past.seek(topic.partition(), 7);
        latest.assign(List.of(topic.partition()));
        assertThat(latest.position(topic.partition())).isZero();
        assertThat(past.poll(Duration.ofMillis(200))).isEmpty();
        for (int life = 0; life < 2; life++) {
          node.kill();
          node.start();
          assertThat(past.poll(Duration.ofMillis(200))).isEmpty();
        }
        var fromSeven = poll(past, 3);
        assertThat(fromSeven.getFirst().atMs() - beforeMs).isGreaterThanOrEqualTo(10_000);
        assertThat(valuesOf(fromSeven)).isEqualTo(values("pending", 10).subList(7, 10));
        assertThat(valuesOf(poll(latest, 10))).isEqualTo(values("pending", 10));
        assertThat(topic.latest()).isEqualTo(10);
      }
    }
  }

  private static KafkaProducer<String, String> producer(ChildNode node) {
    var properties = new Properties();
    properties.put("bootstrap.servers", node.bootstrap());
    return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
  }

  private static KafkaConsumer<String, String> consumer(
      ChildNode node, Map<String, String> settings) {
    var properties = new Properties();
    properties.put("bootstrap.servers", node.bootstrap());
    properties.put("enable.auto.commit", "false");
    properties.putAll(settings);
    return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aGroupGoesOnWhereItCommittedAndGetsWhatCameDueMeanwhile(String protocol) throws Exception {
    var group = Map.<String, Object>of("group.protocol", protocol, "enable.auto.commit", "false");
    try (var node = new RunningNode(data, Map.of());
        var admin = node.adminClient();
        var producer = node.producer(Map.of())) {
      var topic = TestTopic.create(admin, "groups_2s", Map.of());
      topic.produce(producer, values("first", 5));
      try (var consumer = node.consumer("resuming", group)) {
        consumer.subscribe(List.of("groups_2s"));
        assertThat(valuesOf(poll(consumer, 5))).isEqualTo(values("first", 5));
        consumer.commitSync();
      }
      topic.produce(producer, values("second", 5));
    }
    try (var node = new RunningNode(data, Map.of());
        var consumer = node.consumer("resuming", group)) {
      consumer.subscribe(List.of("groups_2s"));
      assertThat(valuesOf(poll(consumer, 5))).isEqualTo(values("second", 5));
      consumer.commitSync();
    }
  }

  @Test
  void aTopicThatExistedBeforeNamesMeantDelaysNeverGetsOne() throws Exception {
    try (var node = new RunningNode(data, Map.of("delay.naming.enable", "false"));
        var admin = node.adminClient()) {
      TestTopic.create(admin, "cpu_5m", Map.of());
      TestTopic.create(admin, "opted-out_5m", Map.of("delay.ms", "0"));
      TestTopic.create(admin, "asked-for", Map.of("delay.ms", "300000"));
    }
    try (var node = new RunningNode(data, Map.of());
        var admin = node.adminClient();
        var producer = node.producer(Map.of())) {
      for (var name : List.of("cpu_5m", "opted-out_5m")) {
        var topic = new TestTopic(admin, name);
        admin.createPartitions(Map.of(name, NewPartitions.increaseTo(2))).all().get();
        topic.produce(producer, values("at once", 3));
        assertThat(topic.config("delay.ms")).isEqualTo("0");
        assertThat(topic.latest()).isEqualTo(3);
      }
      var delayed = new TestTopic(admin, "asked-for");
      delayed.produce(producer, values("pending", 3));
      assertThat(delayed.latest()).isZero();
    }
  }

  @Test
  void aDelayOutlivesTheRuleOfNamesItCameFrom() throws Exception {
    try (var node = new RunningNode(data, Map.of());
        var admin = node.adminClient()) {
      TestTopic.create(admin, "stays_1h", Map.of());
    }
    try (var node = new RunningNode(data, Map.of("delay.naming.enable", "false"));
        var admin = node.adminClient();
        var producer = node.producer(Map.of())) {
      var topic = new TestTopic(admin, "stays_1h");
      admin.createPartitions(Map.of("stays_1h", NewPartitions.increaseTo(2))).all().get();
      topic.produce(producer, values("pending", 3));
      assertThat(topic.config("delay.ms")).isEqualTo("3600000");
      assertThat(topic.latest()).isZero();
      var second = new TopicPartition("stays_1h", 1);
      producer.send(new ProducerRecord<>("stays_1h", 1, null, "v")).get();
      try (var consumer = node.consumer("none", Map.of())) {
        assertThat(consumer.endOffsets(List.of(second))).containsEntry(second, 0L);
      }
    }
  }

  /** Everything is pending, offloaded, and gone from the hot tier before it is due. */
  @Test
  void pendingRecordsComeBackFromTheColdTier() throws Exception {
    var small =
        Map.of(
            "tidelog.segment.bytes", "1048576",
            "tidelog.local.max.bytes", "4194304",
            "tidelog.segment.ms", "300");
    var sent = IntStream.range(0, 24_000).mapToObj(i -> i + "-" + "x".repeat(500)).toList();
    long stampMs;
    try (var node = new RunningNode(data, small);
        var admin = node.adminClient();
        var producer = node.producer(Map.of("linger.ms", 2, "batch.size", 65_536))) {
      var topic = TestTopic.create(admin, "cold_1h", Map.of("local.retention.ms", "1"));
      stampMs = System.currentTimeMillis();
      topic.produce(producer, sent);
      await().atMost(PATIENCE).until(() -> metric(node, "tidelog_log_local_bytes") < 5 << 20);
      assertThat(topic.latest()).isZero();
      assertThat(topic.offset(OffsetSpec.earliestLocal())).isZero();
    }
    try (var node = new RunningNode(data, small);
        var admin = node.adminClient();
        var consumer = node.consumer("cold", Map.of())) {
      var topic = new TestTopic(admin, "cold_1h");
      assertThat(topic.latest()).isZero();
      assertThat(metric(node, "tidelog_delay_pending_records")).isEqualTo(sent.size());
      consumer.assign(List.of(topic.partition()));
      assertThat(consumer.poll(Duration.ofMillis(200))).isEmpty();
      TidelogCommand.run("topics", "deliver", "cold_1h", "--admin", node.admin());
      assertThat(valuesOf(poll(consumer, sent.size()))).isEqualTo(sent);
      assertThat(topic.offset(OffsetSpec.forTimestamp(stampMs))).isZero();
      assertThat(topic.offset(OffsetSpec.earliestLocal())).isGreaterThan(10_000);
    }
  }

  private static double metric(RunningNode node, String name) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      var page =
          http.send(
                  HttpRequest.newBuilder(URI.create("http://" + node.admin() + "/metrics")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      var value = Pattern.compile("(?m)^" + name + "(?:\\{[^}]*})? (\\S+)").matcher(page);
      assertThat(value.find()).as("%s in\n%s", name, page).isTrue();
      return Double.parseDouble(value.group(1));
    }
  }
}
