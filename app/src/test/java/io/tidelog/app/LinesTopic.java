package io.tidelog.app;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The topic {@code lines} of one partition, as unmodified clients of a node see it. */
final class LinesTopic implements AutoCloseable {

  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final TopicPartition PARTITION = new TopicPartition("lines", 0);
  static final int VALUE_BYTES = 500;

  private final Map<String, Object> clients;
  private final Admin admin;

  LinesTopic(String bootstrap) {
    this.clients =
        Map.of(
            "bootstrap.servers", bootstrap,
            "request.timeout.ms", 15_000,
            "default.api.timeout.ms", 20_000);
    this.admin = Admin.create(clients);
  }

  void create() throws ExecutionException, InterruptedException {
    var topic = new NewTopic(PARTITION.topic(), Optional.of(1), Optional.empty());
    admin.createTopics(List.of(topic)).all().get();
  }

  /** Returns the values once all are acknowledged. */
  List<String> produce(String what, int count) throws ExecutionException, InterruptedException {
    var values =
        IntStream.range(0, count).mapToObj(i -> what + "-" + i + "x".repeat(VALUE_BYTES)).toList();
    var settings = new HashMap<>(clients);
    settings.put("linger.ms", 2);
    settings.put("batch.size", 65_536);
    try (var producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      var sent =
          values.stream()
              .map(
                  v ->
                      producer.send(
                          new ProducerRecord<>(PARTITION.topic(), PARTITION.partition(), null, v)))
              .toList();
      for (var one : sent) {
        one.get();
      }
    }
    return values;
  }

  /** The same, for a thread beside the test's. */
  List<String> produceOrThrow(String what, int count) {
    try {
      return produce(what, count);
    } catch (ExecutionException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads the values from an offset on until those before {@code end} are there. */
  List<String> consume(long from, int end) {
    var values = new ArrayList<String>();
    try (var consumer =
        new KafkaConsumer<>(clients, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(PARTITION));
      consumer.seek(PARTITION, from);
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

  /** What is before it is in the object store only. */
  long firstLocalOffset() throws ExecutionException, InterruptedException {
    return admin
        .listOffsets(Map.of(PARTITION, OffsetSpec.earliestLocal()))
        .partitionResult(PARTITION)
        .get()
        .offset();
  }

  void awaitFirstLocalOffset(long atLeast) {
    await().atMost(PATIENCE).until(() -> firstLocalOffset() >= atLeast);
  }

  @Override
  public void close() {
    admin.close();
  }
}
