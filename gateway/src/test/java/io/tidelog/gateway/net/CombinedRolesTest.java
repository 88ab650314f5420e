package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.gateway.fake.Batches;
import io.tidelog.gateway.handler.KafkaIds;
import io.tidelog.metadata.api.TopicImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Nodes that serve clients and lead partitions: what is led here goes no further. */
@ExtendWith(LeakCheck.class)
class CombinedRolesTest {

  private static final long SEED = 3;

  private ForwardingCluster cluster;
  private TopicImage topic;

  @BeforeEach
  void start() throws Exception {
    cluster = new ForwardingCluster(Map.of());
    cluster.addBoth(1);
    cluster.addBoth(2);
    topic = cluster.addTopic("orders", 1, 2, 1, 2);
  }

  @AfterEach
  void stop() {
    cluster.close();
    assertThat(cluster.log.openBytes()).isZero();
  }

  @Test
  void clientsGoStraightToWhoLeads() throws Exception {
    try (var producer = producer()) {
      for (int partition = 0; partition < 4; partition++) {
        assertThat(producer.partitionsFor("orders"))
            .allMatch(shown -> shown.leader().id() == 1 + shown.partition() % 2);
        producer.send(record(partition, 1)).get(10, TimeUnit.SECONDS);
      }
    }
    assertThat(cluster.hot(1).connections() + cluster.hot(2).connections()).isZero();
  }

  @Test
  void aRequestForPartitionsOfBothIsServedByEither() throws Exception {
    try (var client = cluster.connect(2)) {
      var produced = (ProduceResponse) client.read(client.send(produce(), 1));
      for (var partition : produced.data().responses().iterator().next().partitionResponses()) {
        assertThat(partition.errorCode()).as("partition %s", partition.index()).isZero();
        assertThat(partition.baseOffset()).isZero();
      }
      var read = new HashMap<Integer, Integer>();
      for (int i = 2; read.size() < 4; i++) {
        var fetched = (FetchResponse) client.read(client.send(fetch(read), i));
        for (var partition : fetched.data().responses().getFirst().partitions()) {
          int bytes = ((MemoryRecords) partition.records()).sizeInBytes();
          if (bytes > 0) {
            read.put(partition.partitionIndex(), bytes);
          }
        }
      }
    }
    assertThat(cluster.hot(1).log.appends()).isEqualTo(2);
    assertThat(cluster.hot(2).log.appends()).isEqualTo(2);
    await().until(() -> cluster.hot(1).connections() == 0);
  }

  @Test
  void nothingIsLostWhileLeadersChange() throws Exception {
    var random = new Random(SEED);
    var sent = new ArrayList<Future<RecordMetadata>>();
    try (var producer = producer()) {
      for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 40; i++) {
          sent.add(producer.send(record(i % 4, round * 40 + i)));
        }
        cluster.lead(topic, random.nextInt(4), 1 + random.nextInt(2));
      }
      for (var future : sent) {
        future.get(20, TimeUnit.SECONDS);
      }
    }
    var read = new HashMap<Integer, List<Integer>>();
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of("bootstrap.servers", cluster.bootstrap(1)),
            new StringDeserializer(),
            new StringDeserializer())) {
      var partitions = new ArrayList<TopicPartition>();
      for (int i = 0; i < 4; i++) {
        partitions.add(new TopicPartition("orders", i));
        read.put(i, new ArrayList<>());
      }
      consumer.assign(partitions);
      partitions.forEach(partition -> consumer.seek(partition, 0));
      for (int count = 0; count < sent.size(); ) {
        var records = consumer.poll(Duration.ofSeconds(20));
        assertThat(records.count()).as("seed %s, of 400 each: %s", SEED, sizes(read)).isPositive();
        records.forEach(
            record -> read.get(record.partition()).add(Integer.parseInt(record.value())));
        count += records.count();
      }
    }
    for (var values : read.values()) {
      assertThat(values).as("seed %s", SEED).hasSize(400).isSorted().doesNotHaveDuplicates();
    }
  }

  private static Map<Integer, Integer> sizes(Map<Integer, List<Integer>> read) {
    var sizes = new HashMap<Integer, Integer>();
    read.forEach((partition, values) -> sizes.put(partition, values.size()));
    return sizes;
  }

  private AbstractRequest produce() {
    var data = new TopicProduceData().setName("orders").setTopicId(KafkaIds.kafka(topic.id()));
    for (int i = 0; i < 4; i++) {
      data.partitionData()
          .add(
              new PartitionProduceData()
                  .setIndex(i)
                  .setRecords(MemoryRecords.readableRecords(Batches.of(1, "value " + i))));
    }
    var request = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(10_000);
    request.topicData().add(data);
    return parsed(ApiKeys.PRODUCE, request, (short) 13);
  }

  private AbstractRequest fetch(Map<Integer, Integer> read) {
    var wanted = new FetchTopic().setTopicId(KafkaIds.kafka(topic.id()));
    for (int i = 0; i < 4; i++) {
      wanted
          .partitions()
          .add(
              new FetchPartition()
                  .setPartition(i)
                  .setFetchOffset(read.containsKey(i) ? 1 : 0)
                  .setPartitionMaxBytes(1 << 20));
    }
    var request =
        new FetchRequestData()
            .setMinBytes(1)
            .setMaxWaitMs(5_000)
            .setSessionEpoch(-1)
            .setTopics(List.of(wanted));
    return parsed(ApiKeys.FETCH, request, (short) 17);
  }

  private static AbstractRequest parsed(ApiKeys api, ApiMessage message, short version) {
    var bytes = MessageUtil.toByteBufferAccessor(message, version).buffer();
    return AbstractRequest.parseRequest(api, version, new ByteBufferAccessor(bytes)).request;
  }

  private static ProducerRecord<String, String> record(int partition, int value) {
    return new ProducerRecord<>("orders", partition, null, Integer.toString(value));
  }

  private KafkaProducer<String, String> producer() {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", cluster.bootstrap(1)),
        new StringSerializer(),
        new StringSerializer());
  }
}
