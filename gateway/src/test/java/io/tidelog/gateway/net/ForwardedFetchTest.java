package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.gateway.fake.Batches;
import io.tidelog.metadata.api.TopicImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Unmodified consumers read through a gateway what other nodes lead, hot and cold. */
@ExtendWith(LeakCheck.class)
class ForwardedFetchTest {

  private static final long SEED = 11;

  private ForwardingCluster cluster;
  private TopicImage topic;

  /** By partition. */
  private final int[] leaders = {1, 2, 3, 1};

  private int next;

  @BeforeEach
  void start() throws Exception {
    cluster = new ForwardingCluster(Map.of());
    cluster.addHot(1);
    cluster.addHot(2);
    cluster.addHot(3);
    cluster.addGateway(10, null);
    topic = cluster.addTopic("orders", leaders);
  }

  @AfterEach
  void stop() {
    cluster.close();
    assertThat(cluster.log.openBytes()).isZero();
  }

  @Test
  void aConsumerReadsWhatSeveralNodesLead() {
    appendAll(400);
    try (var consumer = consumer(Map.of())) {
      assertThat(read(consumer, 400)).containsExactlyEntriesOf(expected());
      appendAll(100);
      assertThat(read(consumer, 100)).isEqualTo(tail(100));
    }
  }

  @Test
  void whatOneNodeHasIsToldWhileTheOthersHaveNothing() {
    var consumer = consumer(Map.of("fetch.max.wait.ms", "60000"));
    try {
      consumer.poll(Duration.ZERO);
      for (int partition : List.of(2, 0, 3, 1, 2, 2, 0)) {
        append(partition);
        long startNs = System.nanoTime();
        var records = read(consumer, 1);
        assertThat(records.get(partition)).hasSize(1);
        assertThat(System.nanoTime() - startNs).isLessThan(20_000_000_000L);
      }
    } finally {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  @Test
  void whatIsColdIsReadByTheGateway() {
    appendAll(400);
    for (int partition = 0; partition < 4; partition++) {
      cluster.log.offload(topic.partition(partition), 70);
    }
    cluster.cold.loseEvery(5);
    try (var consumer = consumer(Map.of("max.partition.fetch.bytes", "2000"))) {
      assertThat(read(consumer, 400)).isEqualTo(expected());
    }
    assertThat(cluster.cold.reads()).isPositive();
  }

  @Test
  void smallAnswersLoseNothing() {
    appendAll(400);
    try (var consumer =
        consumer(Map.of("max.partition.fetch.bytes", "300", "fetch.max.bytes", "500"))) {
      assertThat(read(consumer, 400)).isEqualTo(expected());
    }
  }

  @Test
  void aConsumerMissesAndRepeatsNothingWhileLeadersChange() {
    var random = new Random(SEED);
    var read = empty();
    try (var consumer = consumer(Map.of("max.partition.fetch.bytes", "1000"))) {
      for (int round = 0; round < 60; round++) {
        appendAll(40);
        int partition = random.nextInt(4);
        int node = 1 + random.nextInt(3);
        leaders[partition] = node;
        cluster.lead(topic, partition, node);
        if (round % 7 == 0) {
          cluster.restart(1 + random.nextInt(3));
        }
        if (random.nextInt(4) == 0) {
          int offloaded = random.nextInt(4);
          cluster.log.offload(topic.partition(offloaded), round * 10L);
        }
        add(read, consumer.poll(Duration.ofMillis(random.nextInt(30))));
      }
      while (count(read) < 2_400) {
        var more = consumer.poll(Duration.ofSeconds(20));
        assertThat(more.count()).as("seed %s", SEED).isPositive();
        add(read, more);
      }
    }
    assertThat(read).as("seed %s", SEED).isEqualTo(expected());
  }

  @Test
  void aNodeThatHangsStopsNobodyElse() {
    appendAll(40);
    cluster.hot(3).link().freeze(true);
    try (var consumer = consumer(Map.of())) {
      var records = read(consumer, 30);
      assertThat(records.get(2)).isEmpty();
      assertThat(records.get(0)).hasSize(10);

      cluster.hot(3).link().freeze(false);
      assertThat(read(consumer, 10).get(2)).hasSize(10);
    }
  }

  @Test
  void nothingIsKeptForAConsumerThatLeaves() {
    appendAll(400);
    try (var consumer = consumer(Map.of("max.partition.fetch.bytes", "300"))) {
      consumer.poll(Duration.ofSeconds(10));
    }
    await().until(() -> cluster.gateway(10).openConnections() == 0);
    await().until(() -> cluster.hot(1).connections() == 0);
    await().atMost(Duration.ofSeconds(20)).until(() -> cluster.fetchStats(10).lateReads() == 0);
  }

  private final Map<Integer, List<Integer>> appended = empty();

  private void appendAll(int count) {
    for (int i = 0; i < count; i++) {
      append(i % 4);
    }
  }

  private void append(int partition) {
    int value = next++;
    appended.get(partition).add(value);
    cluster
        .hot(leaders[partition])
        .log
        .append(
            List.of(
                new AppendRequest(
                    topic.partition(partition),
                    Batches.of(1_000 + value, "value " + value),
                    Acks.ALL,
                    AppendRequest.ANY_OFFSET,
                    _ -> {})));
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(
            () ->
                cluster.log.snapshot(leaders[partition], topic.partition(partition)).logEndOffset()
                    == appended.get(partition).size());
  }

  private KafkaConsumer<String, String> consumer(Map<String, Object> more) {
    var config = new HashMap<>(more);
    config.put("bootstrap.servers", cluster.bootstrap(10));
    config.put("auto.offset.reset", "none");
    var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    var all = new ArrayList<TopicPartition>();
    for (int partition = 0; partition < 4; partition++) {
      all.add(new TopicPartition("orders", partition));
    }
    consumer.assign(all);
    all.forEach(partition -> consumer.seek(partition, 0));
    return consumer;
  }

  private static Map<Integer, List<Integer>> read(
      KafkaConsumer<String, String> consumer, int count) {
    var read = empty();
    while (count(read) < count) {
      var records = consumer.poll(Duration.ofSeconds(20));
      assertThat(records.count()).as("records in 20 s").isPositive();
      add(read, records);
    }
    return read;
  }

  private static void add(
      Map<Integer, List<Integer>> read, Iterable<ConsumerRecord<String, String>> records) {
    for (var record : records) {
      var values = read.get(record.partition());
      values.add(Integer.parseInt(record.value().substring("value ".length())));
    }
  }

  private static int count(Map<Integer, List<Integer>> read) {
    return read.values().stream().mapToInt(List::size).sum();
  }

  private static Map<Integer, List<Integer>> empty() {
    var empty = new HashMap<Integer, List<Integer>>();
    for (int partition = 0; partition < 4; partition++) {
      empty.put(partition, new ArrayList<>());
    }
    return empty;
  }

  private Map<Integer, List<Integer>> expected() {
    return appended;
  }

  private Map<Integer, List<Integer>> tail(int count) {
    var tail = empty();
    appended.forEach(
        (partition, values) ->
            tail.get(partition).addAll(values.subList(values.size() - count / 4, values.size())));
    return tail;
  }
}
