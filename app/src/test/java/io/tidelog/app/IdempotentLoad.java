package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.IntegerDeserializer;
import org.apache.kafka.common.serialization.IntegerSerializer;

/**
 * One idempotent producer that writes numbered records without a pause while its node dies and
 * comes back, and the check that the node has kept each of them once, in order, byte by byte; as
 * well as the topics and committed offsets that were acknowledged between two deaths.
 */
final class IdempotentLoad implements AutoCloseable {

  /** Small segments, offloaded at once and soon deleted locally, and an eager collector. */
  static final Map<String, String> SETTINGS =
      Map.of(
          "tidelog.segment.bytes", "1048576",
          "tidelog.segment.ms", "300",
          "tidelog.local.max.bytes", "6291456",
          "log.local.retention.ms", "1",
          "tidelog.cold.delete.grace.ms", "1000");

  private static final int MAX_IN_FLIGHT = 1_000;
  private static final int PARTITIONS = 4;
  static final String TOPIC = "lines";
  private static final String GROUP = "witness";
  private static final TopicPartition WITNESSED = new TopicPartition(TOPIC, 0);
  private static final Duration READ_PATIENCE = Duration.ofMinutes(2);

  private final String bootstrap;
  private final Admin admin;
  private final Thread thread;
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private int witnessed;
  private long sent;
  private volatile boolean isStopping;

  private IdempotentLoad(String bootstrap, int replicas)
      throws ExecutionException, InterruptedException {
    this.bootstrap = bootstrap;
    this.admin =
        Admin.create(
            Map.of(
                "bootstrap.servers", bootstrap,
                "reconnect.backoff.max.ms", 100,
                "retry.backoff.ms", 20));
    admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) replicas))).all().get();
    this.thread = Thread.ofPlatform().name("load").unstarted(this::produce);
  }

  /** Begins to write to a node that runs. */
  static IdempotentLoad start(String bootstrap) throws ExecutionException, InterruptedException {
    return start(bootstrap, 1);
  }

  /** Begins to write to a cluster that runs. */
  static IdempotentLoad start(String bootstrap, int replicas)
      throws ExecutionException, InterruptedException {
    var load = new IdempotentLoad(bootstrap, replicas);
    load.thread.start();
    return load;
  }

  /** Waits until {@code more} records are acknowledged. */
  void awaitAcknowledged(int more) {
    long target = acknowledged.get() + more;
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(1))
        .until(() -> acknowledged.get() >= target);
  }

  /** Has a topic and an offset acknowledged that {@link #checkWitness} asks for afterwards. */
  void leaveWitness() throws ExecutionException, InterruptedException {
    witnessed++;
    admin.createTopics(List.of(new NewTopic(witness(witnessed), 1, (short) 1))).all().get();
    admin
        .alterConsumerGroupOffsets(GROUP, Map.of(WITNESSED, new OffsetAndMetadata(witnessed)))
        .all()
        .get();
  }

  void checkWitness() throws ExecutionException, InterruptedException {
    assertThat(admin.listTopics().names().get()).contains(witness(witnessed));
    var offsets = admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata().get();
    assertThat(offsets.get(WITNESSED))
        .as("the offset that was committed as number " + witnessed)
        .isEqualTo(new OffsetAndMetadata(witnessed));
  }

  private static String witness(int number) {
    return "witness-" + number;
  }

  /** Ends the load; everything it sent is acknowledged then. */
  void finish() throws InterruptedException {
    isStopping = true;
    thread.join();
    assertThat(failure.get()).isNull();
    assertThat(acknowledged.get()).isEqualTo(sent);
  }

  /** How many records it sent until it was finished. */
  long sent() {
    return sent;
  }

  /** Reads everything and compares it with what was sent. */
  void checkNothingIsLostDoubledOrReordered() {
    var read = readAll();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      var expected = new ArrayList<Integer>();
      for (int i = partition; i < sent; i += PARTITIONS) {
        expected.add(i);
      }
      assertThat(read.get(partition)).as("partition " + partition).isEqualTo(expected);
    }
  }

  private void produce() {
    var inFlight = new Semaphore(MAX_IN_FLIGHT);
    try (var producer = producer()) {
      while (!isStopping) {
        inFlight.acquireUninterruptibly();
        int value = (int) sent++;
        var unused =
            producer.send(
                new ProducerRecord<>(TOPIC, value % PARTITIONS, value, payload(value)),
                (metadata, e) -> {
                  inFlight.release();
                  if (e == null) {
                    acknowledged.incrementAndGet();
                  } else {
                    failure.compareAndSet(null, e);
                  }
                });
      }
    }
  }

  private Map<Integer, List<Integer>> readAll() {
    var values = new HashMap<Integer, List<Integer>>();
    Map<String, Object> properties =
        Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest");
    try (var consumer =
        new KafkaConsumer<>(properties, new IntegerDeserializer(), new ByteArrayDeserializer())) {
      var partitions = new ArrayList<TopicPartition>();
      for (int i = 0; i < PARTITIONS; i++) {
        partitions.add(new TopicPartition(TOPIC, i));
        values.put(i, new ArrayList<>());
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      assertThat(ends.values().stream().mapToLong(end -> end).sum()).isEqualTo(sent);
      long deadlineNs = System.nanoTime() + READ_PATIENCE.toNanos();
      while (values.values().stream().mapToLong(List::size).sum() < sent
          && System.nanoTime() < deadlineNs) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          assertThat(record.value()).isEqualTo(payload(record.key()));
          values.get(record.partition()).add(record.key());
        }
      }
    }
    return values;
  }

  /** Bytes that are a function of the value, so that a mixed-up record shows. */
  private static byte[] payload(int value) {
    var bytes = new byte[200];
    new Random(value).nextBytes(bytes);
    return bytes;
  }

  private KafkaProducer<Integer, byte[]> producer() {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers", bootstrap,
            "enable.idempotence", true,
            "linger.ms", 1,
            "delivery.timeout.ms", 300_000,
            "request.timeout.ms", 5_000,
            "reconnect.backoff.ms", 20,
            "reconnect.backoff.max.ms", 100,
            "retry.backoff.ms", 20,
            "max.block.ms", 60_000),
        new IntegerSerializer(),
        new ByteArraySerializer());
  }

  @Override
  public void close() {
    isStopping = true;
    admin.close();
  }
}
