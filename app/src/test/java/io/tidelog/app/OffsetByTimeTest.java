package io.tidelog.app;

import static io.tidelog.app.TestTopic.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Searches by time compared with a plain list, while records move from the hot tier to the cold one
 * and the log start moves through the middle of batches.
 */
class OffsetByTimeTest {

  private static final long BASE_MS = 1_700_000_000_000L;
  private static final int ROUNDS = 24;
  private static final int QUESTIONS = 25;

  private static final Map<String, String> SMALL =
      Map.of(
          "tidelog.segment.bytes", "1048576",
          "tidelog.local.max.bytes", "4194304",
          "tidelog.segment.ms", "200",
          "tidelog.cold.chunk.bytes", "65536");

  @TempDir Path data;

  private final List<Long> timestamps = new ArrayList<>();
  private long logStart;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void aTimeIsFoundWhereAPlainListHasIt(long seed) throws Exception {
    var random = new Random(seed);
    try (var node = new RunningNode(data, SMALL);
        var admin = node.adminClient();
        var producer = node.producer(Map.of("linger.ms", 20, "batch.size", 40_000))) {
      var topic = TestTopic.create(admin, "times", Map.of("retention.ms", "-1"));
      for (int round = 0; round < ROUNDS; round++) {
        produce(topic, producer, random);
        if (random.nextInt(3) == 0) {
          deleteSome(topic, random);
        }
        ask(admin, topic, random, "seed " + seed + " round " + round);
      }
      await().atMost(PATIENCE).until(() -> topic.offset(OffsetSpec.earliestLocal()) > logStart);
      deleteSome(topic, random);
      ask(admin, topic, random, "seed " + seed + " at the end");
    }
    try (var node = new RunningNode(data, SMALL);
        var admin = node.adminClient()) {
      ask(admin, new TestTopic(admin, "times"), random, "seed " + seed + " after a restart");
    }
  }

  /** What makes the cold run look promising lies before the log start. */
  @Test
  void aRecordInTheHotTierIsFoundBehindADeletedLaterOneInTheColdTier() throws Exception {
    try (var node = new RunningNode(data, SMALL);
        var admin = node.adminClient();
        var producer = node.producer(Map.of("linger.ms", 20, "batch.size", 40_000))) {
      var topic = TestTopic.create(admin, "border", Map.of("retention.ms", "-1"));
      var filler = "x".repeat(10_000);
      producer.send(new ProducerRecord<>("border", 0, BASE_MS + 60_000, null, "deleted")).get();
      for (int i = 0; i < 800; i++) {
        var unused = producer.send(new ProducerRecord<>("border", 0, BASE_MS, null, filler));
      }
      producer.flush();
      await().atMost(PATIENCE).until(() -> topic.offset(OffsetSpec.earliestLocal()) > 1);
      assertThat(topic.deleteBefore(1)).isEqualTo(1);
      var tail = new ProducerRecord<String, String>("border", 0, BASE_MS + 30_000, null, "tail");
      long offset = producer.send(tail).get().offset();
      assertThat(topic.offset(OffsetSpec.forTimestamp(BASE_MS + 20_000))).isEqualTo(offset);
      assertThat(topic.offset(OffsetSpec.maxTimestamp())).isEqualTo(offset);
      assertThat(topic.offset(OffsetSpec.forTimestamp(BASE_MS + 40_000))).isEqualTo(-1);
    }
  }

  /** Mostly rising, sometimes far back or ahead, as the clocks of many producers are. */
  private void produce(TestTopic topic, KafkaProducer<String, String> producer, Random random)
      throws Exception {
    var sent = new ArrayList<Future<RecordMetadata>>();
    for (int i = 0; i < 60; i++) {
      long steady = BASE_MS + timestamps.size() * 10L;
      long stampMs =
          switch (random.nextInt(12)) {
            case 0 -> steady + random.nextInt(20_000);
            case 1 -> steady - random.nextInt(20_000);
            default -> steady;
          };
      timestamps.add(stampMs);
      var value = "x".repeat(500 + random.nextInt(15_000));
      sent.add(producer.send(new ProducerRecord<>(topic.name(), 0, stampMs, null, value)));
    }
    for (var one : sent) {
      one.get();
    }
  }

  private void deleteSome(TestTopic topic, Random random) throws Exception {
    logStart += random.nextInt(Math.toIntExact(timestamps.size() - logStart));
    assertThat(topic.deleteBefore(logStart)).isEqualTo(logStart);
  }

  private void ask(Admin admin, TestTopic topic, Random random, String where) throws Exception {
    for (int i = 0; i < QUESTIONS; i++) {
      long timestampMs = BASE_MS - 1_000 + random.nextInt(timestamps.size() * 10 + 22_000);
      int expected = firstSince(timestampMs);
      var found = find(admin, topic, OffsetSpec.forTimestamp(timestampMs));
      assertThat(found.offset())
          .as("%s, time %s, log start %s", where, timestampMs, logStart)
          .isEqualTo(expected);
      assertThat(found.timestamp()).isEqualTo(expected < 0 ? -1 : timestamps.get(expected));
    }
    var remaining = timestamps.subList(Math.toIntExact(logStart), timestamps.size());
    long largest = remaining.stream().mapToLong(Long::longValue).max().orElseThrow();
    assertThat(find(admin, topic, OffsetSpec.maxTimestamp()).offset())
        .as("%s, largest, log start %s", where, logStart)
        .isEqualTo(firstSince(largest));
  }

  private int firstSince(long timestampMs) {
    for (int offset = Math.toIntExact(logStart); offset < timestamps.size(); offset++) {
      if (timestamps.get(offset) >= timestampMs) {
        return offset;
      }
    }
    return -1;
  }

  private static ListOffsetsResultInfo find(Admin admin, TestTopic topic, OffsetSpec spec)
      throws Exception {
    return admin
        .listOffsets(Map.of(topic.partition(), spec))
        .partitionResult(topic.partition())
        .get();
  }
}
