package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.core.PartitionId;
import io.tidelog.core.log.PartitionSnapshot;
import io.tidelog.core.log.ReadRequest;
import io.tidelog.core.log.ReadResult;
import io.tidelog.gateway.wire.ForwardStats;
import io.tidelog.metadata.api.TopicImage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Unmodified producers write through a gateway to partitions that other nodes lead. */
@ExtendWith(LeakCheck.class)
class ForwardedProduceTest {

  private static final long SEED = 42;

  private ForwardingCluster cluster;
  private TopicImage topic;

  @BeforeEach
  void start() throws Exception {
    cluster = new ForwardingCluster(Map.of());
    cluster.addHot(1);
    cluster.addHot(2);
    cluster.addHot(3);
    cluster.addGateway(10, null);
    topic = cluster.addTopic("orders", 1, 2, 3, 1);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void recordsReachWhoeverLeadsThem() throws Exception {
    try (var producer = producer(Map.of())) {
      var sent = new ArrayList<Future<RecordMetadata>>();
      for (int i = 0; i < 400; i++) {
        sent.add(producer.send(record(i % 4, i)));
      }
      for (int i = 0; i < 400; i++) {
        assertThat(sent.get(i).get(10, TimeUnit.SECONDS).offset()).isEqualTo(i / 4);
      }
    }
    for (int partition = 0; partition < 4; partition++) {
      int first = partition;
      assertThat(values(partition)).hasSize(100).allMatch(value -> value % 4 == first).isSorted();
    }
    await().until(() -> cluster.hot(1).connections() == 0);
  }

  @Test
  void whatIsAskedOfNodesIsCounted() throws Exception {
    var value = new byte[5_000];
    try (var producer = producer(Map.of())) {
      for (int i = 0; i < 8; i++) {
        var record = new ProducerRecord<byte[], byte[]>("orders", i % 4, null, value);
        producer.send(record).get(10, TimeUnit.SECONDS);
      }
    }
    var produced = asked(ApiKeys.PRODUCE);
    assertThat(produced.requests()).isEqualTo(8);
    assertThat(produced.answers()).isEqualTo(8);
    assertThat(produced.sentBytes()).isBetween(8 * 5_000L, 8 * 6_000L);
    assertThat(produced.answerBytes()).isBetween(8L, 8 * 1_000L);
    assertThat(produced.answerMicros()).isPositive();
    assertThat(produced.lost()).isZero();
    assertThat(asked(ApiKeys.API_VERSIONS).requests()).isEqualTo(3);
    assertThat(asked(ApiKeys.FETCH).requests()).isZero();
  }

  @Test
  void whatANodeNeverAnsweredIsCounted() throws Exception {
    var log = cluster.hot(1).log;
    try (var producer = producer(Map.of())) {
      log.hold();
      var sent = producer.send(record(0, 1));
      await().until(() -> log.appends() > 0);
      assertThat(asked(ApiKeys.PRODUCE).lost()).isZero();
      cluster.hot(1).link().cut();
      await().until(() -> asked(ApiKeys.PRODUCE).lost() == 1);
      log.release();
      assertThat(sent.get(10, TimeUnit.SECONDS).offset()).isZero();
    }
  }

  private ForwardStats asked(ApiKeys api) {
    return cluster.gateway(10).forwards().stream()
        .filter(one -> one.api() == api)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whoDoesNotSayForWhomItAsksIsNotServedByNodes() throws Exception {
    var at = cluster.hot(1).direct();
    try (var stranger = new RawClient(at.host(), at.port())) {
      var asked =
          OffsetsForLeaderEpochRequest.Builder.forConsumer(
                  new OffsetForLeaderEpochRequestData.OffsetForLeaderTopicCollection())
              .build();
      var unused = stranger.send(asked, 1);
      assertThat(stranger.isClosedByServer()).isTrue();
    }
    try (var client = new RawClient(at.host(), at.port())) {
      var unused = client.sendApiVersions(1);
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void anIdempotentProducerLosesRepeatsAndReordersNothingWhileLeadersChange() throws Exception {
    var random = new Random(SEED);
    var sent = new ArrayList<Future<RecordMetadata>>();
    try (var producer = producer(Map.of("batch.size", "200", "linger.ms", "0"))) {
      var failures = new AtomicInteger();
      for (int round = 0; round < 60; round++) {
        for (int i = 0; i < 50; i++) {
          int value = round * 100 + i;
          sent.add(
              producer.send(
                  record(value % 4, value),
                  (_, fault) -> failures.addAndGet(fault == null ? 0 : 1)));
        }
        int partition = random.nextInt(4);
        int node = 1 + random.nextInt(3);
        if (random.nextInt(3) == 0) {
          // For a while nobody whom the gateway is shown leads it.
          int refusals = appends();
          cluster.log.lead(topic.partition(partition), node);
          sent.add(producer.send(record(partition, round * 100 + 50)));
          await().until(() -> appends() > refusals);
          cluster.picture.lead(topic.name(), partition, node);
        } else {
          cluster.lead(topic, partition, node);
        }
        if (round % 10 == 9) {
          cluster.restart(1 + random.nextInt(3));
        }
      }
      for (var future : sent) {
        future.get(20, TimeUnit.SECONDS);
      }
      assertThat(failures).as("seed %s", SEED).hasValue(0);
    }
    int written = 0;
    for (int partition = 0; partition < 4; partition++) {
      var values = values(partition);
      assertThat(values).as("seed %s", SEED).isSorted().doesNotHaveDuplicates();
      written += values.size();
    }
    assertThat(written).as("seed %s", SEED).isEqualTo(sent.size());
  }

  @Test
  void whatWasWrittenAndNotAnsweredIsWrittenOnce() throws Exception {
    try (var producer = producer(Map.of())) {
      producer.send(record(0, 0)).get(10, TimeUnit.SECONDS);
      cluster.hot(1).log.hold();
      int before = cluster.hot(1).log.appends();
      var sent = producer.send(record(0, 1));
      await().until(() -> cluster.hot(1).log.appends() > before);
      // First, so that the second try does not come to the log that is held.
      cluster.log.lead(topic.partition(0), 2);
      cluster.picture.lead(topic.name(), 0, 2);
      cluster.hot(1).link().cut();

      assertThat(sent.get(10, TimeUnit.SECONDS).offset()).isEqualTo(1);
      assertThat(values(0)).containsExactly(0, 1);
    }
    cluster.hot(1).log.release();
  }

  @Test
  void whoHasNoProducerIdIsToldThatNobodyKnows() throws Exception {
    try (var producer =
        producer(Map.of("enable.idempotence", "false", "retries", "0", "acks", "1"))) {
      producer.send(record(0, 0)).get(10, TimeUnit.SECONDS);
      cluster.hot(1).log.hold();
      int before = cluster.hot(1).log.appends();
      var sent = producer.send(record(0, 1));
      await().until(() -> cluster.hot(1).log.appends() > before);
      cluster.hot(1).link().cut();

      await().until(sent::isDone);
      assertThat(sent.exceptionNow())
          .isInstanceOf(org.apache.kafka.common.errors.TimeoutException.class)
          .hasMessageContaining("may have been written");
      assertThat(values(0)).containsExactly(0, 1);
    }
    cluster.hot(1).log.release();
  }

  @Test
  void recordsAreHeldWhileNobodyLeads() throws Exception {
    cluster.picture.lead(topic.name(), 0, -1);
    try (var producer = producer(Map.of("retries", "0", "enable.idempotence", "false"))) {
      var held = List.of(producer.send(record(0, 0)), producer.send(record(0, 1)));
      await().until(() -> cluster.gateway(10).requestBytes() > 0);
      assertThat(held).noneMatch(Future::isDone);

      cluster.lead(topic, 0, 3);
      for (var future : held) {
        future.get(10, TimeUnit.SECONDS);
      }
      assertThat(values(0)).containsExactly(0, 1);
    }
  }

  @Test
  void recordsThatNobodyTakesInTimeAreRefused() throws Exception {
    cluster.picture.lead(topic.name(), 0, -1);
    var fast =
        Map.of(
            "retries", "0",
            "enable.idempotence", "false",
            "request.timeout.ms", "300",
            "linger.ms", "0",
            "delivery.timeout.ms", "600");
    try (var producer = producer(fast)) {
      var held = producer.send(record(0, 0));
      await().until(held::isDone);
      assertThat(held.state()).isEqualTo(Future.State.FAILED);
    }
    await().until(() -> cluster.gateway(10).requestBytes() == 0);
    assertThat(values(0)).isEmpty();
  }

  @Test
  void aNodeThatHangsSlowsOnlyItsOwnClients() throws Exception {
    cluster.hot(3).link().freeze(true);
    try (var stuck = producer(Map.of("batch.size", "100000", "buffer.memory", "64000000"));
        var well = producer(Map.of())) {
      for (int i = 0; i < 400; i++) {
        var value = ByteBuffer.allocate(100_000).putInt(i).array();
        var unused = stuck.send(new ProducerRecord<>("orders", 2, null, value));
      }
      for (int i = 0; i < 200; i++) {
        well.send(record(i % 2, i)).get(10, TimeUnit.SECONDS);
      }
      assertThat(cluster.gateway(10).requestBytes()).isLessThan(20_000_000);

      cluster.hot(3).link().freeze(false);
      stuck.flush();
    }
    assertThat(values(2)).hasSize(400).isSorted();
    await().until(() -> cluster.gateway(10).requestBytes() == 0);
  }

  /** A timeout.ms is over, and the node still says nothing. */
  @Test
  void aConnectionThatIsNotAnsweredIsGivenUp() throws Exception {
    var fast =
        Map.of(
            "enable.idempotence", "false",
            "linger.ms", "0",
            "request.timeout.ms", "500",
            "delivery.timeout.ms", "20000");
    try (var producer = producer(fast)) {
      producer.send(record(2, 0)).get(10, TimeUnit.SECONDS);
      cluster.hot(3).log.hold();
      int before = cluster.hot(3).log.appends();
      var sent = producer.send(record(2, 1));
      await().until(() -> cluster.hot(3).log.appends() > before + 1);
      cluster.hot(3).log.release();
      sent.get(10, TimeUnit.SECONDS);
    }
    assertThat(values(2)).startsWith(0, 1).containsOnly(0, 1);
  }

  @Test
  void largeRecordsAndAcksZeroArrive() throws Exception {
    try (var producer =
        producer(
            Map.of("acks", "0", "enable.idempotence", "false", "max.request.size", "2000000"))) {
      for (int i = 0; i < 20; i++) {
        var value = ByteBuffer.allocate(900_000).putInt(i).array();
        var unused = producer.send(new ProducerRecord<>("orders", i % 2, null, value));
      }
      producer.flush();
      await().until(() -> values(0).size() == 10 && values(1).size() == 10);
    }
    assertThat(values(0)).isSorted();
    await().until(() -> cluster.gateway(10).requestBytes() == 0);
  }

  private int appends() {
    return cluster.hot(1).log.appends()
        + cluster.hot(2).log.appends()
        + cluster.hot(3).log.appends();
  }

  private static ProducerRecord<byte[], byte[]> record(int partition, int value) {
    return new ProducerRecord<>(
        "orders", partition, null, ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
  }

  private KafkaProducer<byte[], byte[]> producer(Map<String, String> more) {
    var config = new java.util.HashMap<String, Object>(more);
    config.put("bootstrap.servers", cluster.bootstrap(10));
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** What every node has of a partition, in order. */
  private List<Integer> values(int partition) {
    PartitionId id = topic.partition(partition);
    int leader = -1;
    PartitionSnapshot at = null;
    for (int node = 1; node <= 3 && at == null; node++) {
      leader = node;
      at = cluster.log.snapshot(node, id);
    }
    var read =
        cluster.log.read(
            leader,
            new ReadRequest(id, 0, Integer.MAX_VALUE, true, ReadRequest.UpTo.HIGH_WATERMARK));
    var values = new ArrayList<Integer>();
    try (var bytes = ((ReadResult.Records) read).bytes()) {
      for (var part : bytes.parts()) {
        for (var record : MemoryRecords.readableRecords(part.bytes()).records()) {
          values.add(record.value().getInt());
        }
      }
    }
    return values;
  }
}
