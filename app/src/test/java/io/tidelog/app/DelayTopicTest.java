package io.tidelog.app;

import static io.tidelog.app.TestTopic.PATIENCE;
import static io.tidelog.app.TestTopic.poll;
import static io.tidelog.app.TestTopic.values;
import static io.tidelog.app.TestTopic.valuesOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients that know nothing of delays see of a delay topic, by their own clock. */
class DelayTopicTest {

  private static final long HOUR_MS = 3_600_000;
  private static final long MINUTE_MS = 60_000;

  @TempDir static Path data;

  private static RunningNode node;
  private static Admin admin;
  private static KafkaProducer<String, String> producer;

  @BeforeAll
  static void start() {
    node = new RunningNode(data, Map.of("log.retention.check.interval.ms", "100"));
    admin = node.adminClient();
    producer = node.producer(Map.of("linger.ms", 5));
  }

  @AfterAll
  static void stop() {
    producer.close();
    admin.close();
    node.close();
  }

  @Test
  void nothingIsSeenBeforeItIsDueAndThenEverythingInOrder() throws Exception {
    var topic = TestTopic.create(admin, "orders_2s", Map.of());
    assertThat(topic.config("delay.ms")).isEqualTo("2000");
    try (var consumer = node.consumer("in-order", Map.of())) {
      consumer.assign(List.of(topic.partition()));
      var sentAtMs = new ArrayList<Long>();
      var sent = new ArrayList<String>();
      for (int round = 0; round < 10; round++) {
        var values = values("round-" + round, 50);
        long beforeMs = System.currentTimeMillis();
        topic.produce(producer, values);
        sent.addAll(values);
        values.forEach(value -> sentAtMs.add(beforeMs));
      }
      var arrived = poll(consumer, sent.size());
      assertThat(valuesOf(arrived)).isEqualTo(sent);
      for (int i = 0; i < arrived.size(); i++) {
        assertThat(arrived.get(i).record().offset()).isEqualTo(i);
        assertThat(arrived.get(i).atMs() - sentAtMs.get(i)).isGreaterThanOrEqualTo(2_000);
      }
    }
  }

  /** The append time is in the records, so that lateness is what is left after the delay. */
  @Test
  void aPollParkedOverTheDueTimeWakesWithinFiftyMilliseconds() throws Exception {
    var topic =
        TestTopic.create(admin, "parked_1s", Map.of("message.timestamp.type", "LogAppendTime"));
    var patient = Map.<String, Object>of("fetch.max.wait.ms", 3_000);
    try (var consumer = node.consumer("parked", patient)) {
      consumer.assign(List.of(topic.partition()));
      var latenessMs = new ArrayList<Long>();
      for (int round = 0; round < 7; round++) {
        topic.produce(producer, List.of("round-" + round));
        var arrival = poll(consumer, 1).getFirst();
        latenessMs.add(arrival.atMs() - arrival.record().timestamp() - 1_000);
      }
      latenessMs.sort(Long::compare);
      assertThat(latenessMs.getFirst()).as("all: %s", latenessMs).isNotNegative();
      assertThat(latenessMs.get(3)).as("all: %s", latenessMs).isLessThanOrEqualTo(50);
    }
  }

  @Test
  void aLatestConsumerThatStartedBeforeTheDueTimeGetsTheRecord() throws Exception {
    var topic = TestTopic.create(admin, "late_3s", Map.of());
    topic.produce(producer, values("pending", 3));
    var latest = Map.<String, Object>of("auto.offset.reset", "latest");
    try (var consumer = node.consumer("late", latest)) {
      consumer.assign(List.of(topic.partition()));
      assertThat(consumer.position(topic.partition())).isZero();
      assertThat(valuesOf(poll(consumer, 3))).isEqualTo(values("pending", 3));
    }
  }

  @Test
  void aConsumerPositionedPastTheVisibleEndWaitsThereAndIsNotReset() throws Exception {
    var topic = TestTopic.create(admin, "past_2s", Map.of());
    topic.produce(producer, values("pending", 10));
    var strict = Map.<String, Object>of("auto.offset.reset", "none", "fetch.max.wait.ms", 100);
    try (var consumer = node.consumer("past", strict)) {
      consumer.assign(List.of(topic.partition()));
      consumer.seek(topic.partition(), 7);
      assertThat(consumer.poll(Duration.ofMillis(500))).isEmpty();
      assertThat(valuesOf(poll(consumer, 3))).isEqualTo(values("pending", 10).subList(7, 10));
    }
  }

  @Test
  void everyEndThatAClientMayAskForStaysWithinWhatIsDue() throws Exception {
    var topic = TestTopic.create(admin, "ends_2s", Map.of());
    long beforeMs = System.currentTimeMillis();
    topic.produce(producer, values("pending", 10));
    var specs =
        List.of(
            OffsetSpec.earliest(),
            OffsetSpec.latest(),
            OffsetSpec.maxTimestamp(),
            OffsetSpec.earliestLocal(),
            OffsetSpec.latestTiered(),
            OffsetSpec.forTimestamp(0),
            OffsetSpec.forTimestamp(beforeMs));
    for (var spec : specs) {
      assertThat(topic.offset(spec)).as("%s", spec).isLessThanOrEqualTo(0);
    }
    assertThat(topic.offset(OffsetSpec.maxTimestamp())).isEqualTo(-1);
    assertThat(topic.offset(OffsetSpec.forTimestamp(0))).isEqualTo(-1);
    await().atMost(PATIENCE).until(() -> topic.latest() == 10);
    assertThat(System.currentTimeMillis() - beforeMs).isGreaterThanOrEqualTo(2_000);
    assertThat(topic.offset(OffsetSpec.forTimestamp(beforeMs))).isZero();
    assertThat(topic.offset(OffsetSpec.maxTimestamp())).isBetween(0L, 9L);
  }

  @Test
  void theLagThatToolsShowCountsOnlyWhatIsDue() throws Exception {
    var topic = TestTopic.create(admin, "lag_2s", Map.of());
    topic.produce(producer, values("pending", 5));
    try (var consumer = node.consumer("lagging", Map.of("enable.auto.commit", "false"))) {
      consumer.assign(List.of(topic.partition()));
      consumer.seek(topic.partition(), 0);
      consumer.commitSync();
      assertThat(topic.latest() - committed("lagging", topic)).isZero();
      assertThat(consumer.currentLag(topic.partition()).orElse(0)).isZero();
      await().atMost(PATIENCE).until(() -> topic.latest() == 5);
      assertThat(topic.latest() - committed("lagging", topic)).isEqualTo(5);
      poll(consumer, 5);
      consumer.commitSync();
      assertThat(topic.latest() - committed("lagging", topic)).isZero();
    }
  }

  private static long committed(String group, TestTopic topic) throws Exception {
    return admin
        .listConsumerGroupOffsets(group)
        .partitionsToOffsetAndMetadata()
        .get()
        .get(topic.partition())
        .offset();
  }

  @ParameterizedTest
  @CsvSource({"CreateTime, -600", "CreateTime, 50", "LogAppendTime, -600", "LogAppendTime, 50"})
  void theProducersClockDoesNotMatter(String type, int minutesAhead) throws Exception {
    var name = "clock" + type + minutesAhead + "_1s";
    var topic = TestTopic.create(admin, name, Map.of("message.timestamp.type", type));
    try (var consumer = node.consumer("clock", Map.of())) {
      consumer.assign(List.of(topic.partition()));
      long beforeMs = System.currentTimeMillis();
      long stampMs = beforeMs + minutesAhead * MINUTE_MS;
      producer.send(new ProducerRecord<>(name, 0, stampMs, "k", "v")).get();
      var arrival = poll(consumer, 1).getFirst();
      assertThat(arrival.atMs() - beforeMs).isBetween(1_000L, 20_000L);
      if (type.equals("CreateTime")) {
        assertThat(arrival.record().timestamp()).isEqualTo(stampMs);
        assertThat(topic.offset(OffsetSpec.forTimestamp(stampMs))).isZero();
      } else {
        assertThat(arrival.record().timestamp()).isBetween(beforeMs, arrival.atMs() - 1_000);
      }
    }
  }

  @Test
  void retentionCountsFromTheDueTimeAndNothingPendingCanBeRemoved() throws Exception {
    var topic =
        TestTopic.create(admin, "kept_3s", Map.of("retention.ms", "1000", "retention.bytes", "1"));
    try (var consumer = node.consumer("kept", Map.of())) {
      consumer.assign(List.of(topic.partition()));
      topic.produce(producer, values("pending", 20));
      assertThatThrownBy(() -> topic.deleteBefore(1))
          .hasCauseInstanceOf(OffsetOutOfRangeException.class);
      assertThat(topic.deleteBefore(-1)).isZero();
      assertThat(valuesOf(poll(consumer, 20))).isEqualTo(values("pending", 20));
      await().atMost(PATIENCE).until(() -> topic.earliest() == 20);
    }
  }

  @Test
  void whatIsVisibleCanBeDeletedWhileTheRestIsPending() throws Exception {
    var topic = TestTopic.create(admin, "half_1s", Map.of());
    topic.produce(producer, values("first", 10));
    await().atMost(PATIENCE).until(() -> topic.latest() == 10);
    topic.configure("delay.ms", Long.toString(HOUR_MS));
    topic.produce(producer, values("second", 10));
    assertThat(topic.deleteBefore(4)).isEqualTo(4);
    assertThatThrownBy(() -> topic.deleteBefore(11))
        .hasCauseInstanceOf(OffsetOutOfRangeException.class);
    assertThat(topic.deleteBefore(-1)).isEqualTo(10);
    assertThat(topic.earliest()).isEqualTo(10);
  }

  @Test
  void aChangedDelayHoldsForLaterRecordsAndNeverBreaksTheOrder() throws Exception {
    var topic = TestTopic.create(admin, "changed_2s", Map.of());
    try (var consumer = node.consumer("changed", Map.of())) {
      consumer.assign(List.of(topic.partition()));
      long beforeMs = System.currentTimeMillis();
      topic.produce(producer, List.of("slow"));
      topic.configure("delay.ms", "0");
      topic.produce(producer, List.of("quick, behind the slow one"));
      var arrived = poll(consumer, 2);
      assertThat(valuesOf(arrived)).containsExactly("slow", "quick, behind the slow one");
      assertThat(arrived.getFirst().atMs() - beforeMs).isGreaterThanOrEqualTo(2_000);
      long laterMs = System.currentTimeMillis();
      topic.produce(producer, List.of("at once"));
      assertThat(poll(consumer, 1).getFirst().atMs() - laterMs).isLessThan(2_000);
    }
  }

  @Test
  void moreThanTheTopicMayHavePendingIsRefused() throws Exception {
    var topic = TestTopic.create(admin, "full_1h", Map.of("delay.max.pending.bytes", "2000"));
    topic.produce(producer, List.of("x".repeat(1_000)));
    assertThatThrownBy(() -> topic.produce(producer, List.of("x".repeat(1_000))))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(PolicyViolationException.class);
    topic.produce(producer, List.of("small"));
  }

  @ParameterizedTest
  @CsvSource({
    "auto_300ms, 300",
    "auto_7d, 604800000",
    "auto_366d, 31622400000",
    "a_5m_1s, 1000",
    "auto_0s, 0",
    "_5s, 0",
    "auto_007s, 0",
    "auto_1M, 0",
    "auto-5m, 0",
    "auto.5m, 0",
    "auto_30min, 0",
    "auto_367d, 0",
    "auto_100000s, 0",
    "auto_99999999999999999999s, 0",
    "btc_ohlcv_1m, 0"
  })
  void aTopicMadeByItsFirstRecordGetsTheDelayThatItsNameSays(String name, String delayMs)
      throws Exception {
    var topic = new TestTopic(admin, name);
    topic.produce(producer, List.of("first"));
    assertThat(topic.config("delay.ms")).isEqualTo(delayMs);
  }

  @Test
  void aTopicMayOptOutOfItsNameAndMayNotBeCompacted() throws Exception {
    var plain = TestTopic.create(admin, "plain_1h", Map.of("delay.ms", "0"));
    plain.produce(producer, List.of("at once"));
    assertThat(plain.latest()).isEqualTo(1);
    var compacted = Map.of("cleanup.policy", "compact");
    assertThatThrownBy(() -> TestTopic.create(admin, "compacted_1h", compacted))
        .hasCauseInstanceOf(InvalidConfigurationException.class);
    assertThatThrownBy(() -> plain.configure("delay.ms", "-1"))
        .hasCauseInstanceOf(InvalidConfigurationException.class);
    var optedOut = Map.of("cleanup.policy", "compact", "delay.ms", "0");
    assertThat(TestTopic.create(admin, "compacted_2h", optedOut).config("delay.ms")).isEqualTo("0");
  }

  @Test
  void aTopicMadeAgainShowsNothingOfTheOldOne() throws Exception {
    var old = TestTopic.create(admin, "again_1s", Map.of());
    old.produce(producer, values("old", 5));
    old.delete();
    await().atMost(PATIENCE).until(() -> !admin.listTopics().names().get().contains("again_1s"));
    var again = TestTopic.create(admin, "again_1s", Map.of());
    try (var fresh = node.producer(Map.of());
        var consumer = node.consumer("again", Map.of())) {
      consumer.assign(List.of(again.partition()));
      long beforeMs = System.currentTimeMillis();
      again.produce(fresh, values("new", 5));
      var arrived = poll(consumer, 5);
      assertThat(valuesOf(arrived)).isEqualTo(values("new", 5));
      assertThat(arrived.getFirst().atMs() - beforeMs).isGreaterThanOrEqualTo(1_000);
    }
  }
}
