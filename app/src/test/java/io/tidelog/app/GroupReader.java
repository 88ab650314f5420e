package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The only member of a group: reads a topic and commits after each poll, as stock clients do. */
final class GroupReader implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(200);

  private final Map<String, Object> settings;
  private final String topic;
  private final Thread thread;
  private final AtomicLong read = new AtomicLong();
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private volatile boolean isStopping;

  private GroupReader(String bootstrap, String topic) {
    this.settings =
        Map.of(
            "bootstrap.servers",
            bootstrap,
            "group.id",
            "reader",
            "auto.offset.reset",
            "earliest",
            "enable.auto.commit",
            false);
    this.topic = topic;
    this.thread = Thread.ofPlatform().name("reader").unstarted(this::run);
  }

  static GroupReader start(String bootstrap, String topic) {
    var reader = new GroupReader(bootstrap, topic);
    reader.thread.start();
    return reader;
  }

  private void run() {
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(topic));
      while (!isStopping) {
        int count = consumer.poll(POLL).count();
        if (count > 0) {
          consumer.commitSync();
          read.addAndGet(count);
        }
      }
    } catch (RuntimeException e) { // whatever a client is told is to be seen
      failure.set(e);
    }
  }

  /** Waits until it has read and committed so many records, each once, and was told no error. */
  void awaitRead(long records) {
    await().atMost(PATIENCE).until(() -> failure.get() != null || read.get() >= records);
    assertThat(failure.get()).isNull();
    assertThat(read.get()).isEqualTo(records);
  }

  @Override
  public void close() {
    isStopping = true;
  }
}
