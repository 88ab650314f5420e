package io.tidelog.app;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** A topic of one partition, through the eyes of an unmodified admin client. */
record TestTopic(Admin admin, String name) {

  static final Duration PATIENCE = Duration.ofSeconds(40);

  /** A record and when it came, by the clock that the node has too. */
  record Arrival(ConsumerRecord<String, String> record, long atMs) {
    String value() {
      return record.value();
    }
  }

  static TestTopic create(Admin admin, String name, Map<String, String> configs)
      throws ExecutionException, InterruptedException {
    var topic = new NewTopic(name, Optional.of(1), Optional.empty()).configs(configs);
    admin.createTopics(List.of(topic)).all().get();
    return new TestTopic(admin, name);
  }

  TopicPartition partition() {
    return new TopicPartition(name, 0);
  }

  long offset(OffsetSpec spec) throws ExecutionException, InterruptedException {
    return admin.listOffsets(Map.of(partition(), spec)).partitionResult(partition()).get().offset();
  }

  long earliest() throws ExecutionException, InterruptedException {
    return offset(OffsetSpec.earliest());
  }

  long latest() throws ExecutionException, InterruptedException {
    return offset(OffsetSpec.latest());
  }

  /** Deletes below an offset and gives the log start that holds now. */
  long deleteBefore(long offset) throws ExecutionException, InterruptedException {
    return admin
        .deleteRecords(Map.of(partition(), RecordsToDelete.beforeOffset(offset)))
        .lowWatermarks()
        .get(partition())
        .get()
        .lowWatermark();
  }

  String config(String key) throws ExecutionException, InterruptedException {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
    return admin.describeConfigs(List.of(resource)).values().get(resource).get().get(key).value();
  }

  void configure(String key, String value) throws ExecutionException, InterruptedException {
    var change = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
    admin
        .incrementalAlterConfigs(
            Map.of(new ConfigResource(ConfigResource.Type.TOPIC, name), List.of(change)))
        .all()
        .get();
  }

  void delete() throws ExecutionException, InterruptedException {
    admin.deleteTopics(List.of(name)).all().get();
  }

  /** Sends all, waits until all are acknowledged, and gives their offsets. */
  List<Long> produce(KafkaProducer<String, String> producer, Collection<String> values)
      throws ExecutionException, InterruptedException {
    var sent = new ArrayList<Future<org.apache.kafka.clients.producer.RecordMetadata>>();
    for (var value : values) {
      sent.add(producer.send(new ProducerRecord<>(name, 0, null, value)));
    }
    producer.flush();
    var offsets = new ArrayList<Long>();
    for (var one : sent) {
      offsets.add(one.get().offset());
    }
    return offsets;
  }

  static List<String> values(String what, int count) {
    return IntStream.range(0, count).mapToObj(i -> what + "-" + i).toList();
  }

  /** Polls until so many records have come. */
  static List<Arrival> poll(Consumer<String, String> consumer, int count) {
    var arrived = new ArrayList<Arrival>();
    await()
        .atMost(PATIENCE)
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofNanos(1))
        .until(
            () -> {
              for (var record : consumer.poll(Duration.ofMillis(200))) {
                arrived.add(new Arrival(record, System.currentTimeMillis()));
              }
              return arrived.size() >= count;
            });
    return arrived;
  }

  static List<String> valuesOf(List<Arrival> arrived) {
    return arrived.stream().map(Arrival::value).toList();
  }
}
