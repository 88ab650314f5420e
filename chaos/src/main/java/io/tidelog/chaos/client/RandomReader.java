package io.tidelog.chaos.client;

import io.tidelog.chaos.history.Reading;
import io.tidelog.chaos.history.Value;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/** Reads short stretches at random offsets, wherever they are kept by now. */
final class RandomReader implements Work {

  private static final Duration POLL = Duration.ofMillis(500);
  private static final int POLLS = 4;
  private static final long PAUSE_MS = 50;

  private final Recorder recorder;
  private final Clients clients;
  private final Random random;
  private final String topic;
  private final int count;

  RandomReader(Recorder recorder, Clients clients, Random random, String topic, int count) {
    this.recorder = recorder;
    this.clients = clients;
    this.random = random;
    this.topic = topic;
    this.count = count;
  }

  @Override
  public void run(Stop stop) throws IOException {
    while (!stop.isNow()) {
      try (var consumer = clients.consumer("none")) {
        while (!stop.after(PAUSE_MS)) {
          read(consumer);
        }
      } catch (InterruptException e) {
        throw e;
      } catch (KafkaException e) {
        // The stretch was trimmed meanwhile, or nobody leads.
        System.err.println("random reader: " + e);
      }
    }
  }

  private void read(KafkaConsumer<byte[], byte[]> consumer) {
    var partition = new TopicPartition(topic, random.nextInt(count));
    var all = List.of(partition);
    long start = consumer.beginningOffsets(all).getOrDefault(partition, 0L);
    long end = consumer.endOffsets(all).getOrDefault(partition, 0L);
    if (end <= start) {
      return;
    }
    int session = recorder.session(Reading.FREE, "");
    consumer.assign(all);
    long position = random.nextLong(start, end);
    consumer.seek(partition, position);
    recorder.assigned(session, partition, position);
    for (int i = 0; i < POLLS; i++) {
      for (var record : consumer.poll(POLL)) {
        recorder.polled(session, partition, record.offset(), Value.read(record.value()));
      }
    }
  }
}
