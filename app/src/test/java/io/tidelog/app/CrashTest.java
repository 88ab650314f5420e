package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.IntegerDeserializer;
import org.apache.kafka.common.serialization.IntegerSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} at random moments under an idempotent load with offloading. */
class CrashTest {

  private static final int KILLS = Integer.getInteger("tidelog.crash.kills", 100);
  private static final int MAX_IN_FLIGHT = 1_000;
  private static final int MAX_ACKS_BETWEEN_KILLS = 3_000;
  private static final int PARTITIONS = 4;
  private static final String TOPIC = "lines";
  private static final Map<String, String> SMALL =
      Map.of(
          "tidelog.segment.bytes", "1048576",
          "tidelog.segment.ms", "300",
          "tidelog.local.max.bytes", "6291456",
          "log.local.retention.ms", "1");

  @TempDir Path data;

  @Test
  void nothingAcknowledgedIsLostDoubledOrReordered() throws Exception {
    long seed = Long.getLong("tidelog.seed", System.nanoTime());
    System.out.println("CrashTest seed " + seed);
    try (var node = new ChildNode(data, SMALL)) {
      node.start();
      createTopic(node);
      long sent = loadWhileKilling(node, new Random(seed));
      var read = readAll(node, sent);
      for (int partition = 0; partition < PARTITIONS; partition++) {
        var expected = new ArrayList<Integer>();
        for (int i = partition; i < sent; i += PARTITIONS) {
          expected.add(i);
        }
        assertThat(read.get(partition)).as("partition " + partition).isEqualTo(expected);
      }
    }
  }

  private static long loadWhileKilling(ChildNode node, Random random) throws Exception {
    var stop = new AtomicBoolean();
    var sent = new AtomicLong();
    var acknowledged = new AtomicLong();
    var failure = new AtomicReference<Exception>();
    var inFlight = new Semaphore(MAX_IN_FLIGHT);
    var load =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (var producer = producer(node)) {
                    while (!stop.get()) {
                      inFlight.acquireUninterruptibly();
                      int value = (int) sent.getAndIncrement();
                      var unused =
                          producer.send(
                              new ProducerRecord<>(
                                  TOPIC, value % PARTITIONS, value, payload(value)),
                              (metadata, e) -> {
                                inFlight.release();
                                acknowledged.incrementAndGet();
                                if (e != null) {
                                  failure.compareAndSet(null, e);
                                }
                              });
                    }
                  }
                });
    for (int kill = 0; kill < KILLS; kill++) {
      long target = acknowledged.get() + 1 + random.nextInt(MAX_ACKS_BETWEEN_KILLS);
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(1))
          .until(() -> acknowledged.get() >= target);
      node.kill();
      node.start();
    }
    stop.set(true);
    load.join();
    assertThat(failure.get()).isNull();
    return sent.get();
  }

  private static Map<Integer, List<Integer>> readAll(ChildNode node, long count) {
    var values = new HashMap<Integer, List<Integer>>();
    Map<String, Object> properties =
        Map.of("bootstrap.servers", node.bootstrap(), "auto.offset.reset", "earliest");
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
      assertThat(ends.values().stream().mapToLong(end -> end).sum()).isEqualTo(count);
      long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
      while (values.values().stream().mapToLong(List::size).sum() < count
          && System.nanoTime() < deadline) {
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

  private static KafkaProducer<Integer, byte[]> producer(ChildNode node) {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers", node.bootstrap(),
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

  private static void createTopic(ChildNode node) throws Exception {
    try (var admin = Admin.create(Map.<String, Object>of("bootstrap.servers", node.bootstrap()))) {
      admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1))).all().get();
    }
  }
}
