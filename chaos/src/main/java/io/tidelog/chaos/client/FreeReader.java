package io.tidelog.chaos.client;

import io.tidelog.chaos.history.Reading;
import io.tidelog.chaos.history.Value;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Follows all partitions of a topic, asks now and then where they end, and now and then forgets
 * everything and begins again somewhere earlier, sometimes at the beginning.
 */
final class FreeReader implements Work {

  private static final Duration POLL = Duration.ofMillis(200);

  /** One session in so many polls ends. */
  private static final int POLLS_OF_A_SESSION = 64;

  /** One in so many sessions reads everything again. */
  private static final int SESSIONS_TO_THE_BEGINNING = 4;

  /** How far back the others begin, at most. */
  private static final int BACK = 500;

  private static final int POLLS_TO_THE_END = 4;
  private static final Duration END_TIMEOUT = Duration.ofSeconds(5);
  private static final long RETRY_MS = 200;

  private final Recorder recorder;
  private final Clients clients;
  private final Random random;
  private final List<TopicPartition> partitions = new ArrayList<>();
  private final Map<TopicPartition, Long> reached = new HashMap<>();

  FreeReader(Recorder recorder, Clients clients, Random random, String topic, int count) {
    this.recorder = recorder;
    this.clients = clients;
    this.random = random;
    for (int i = 0; i < count; i++) {
      partitions.add(new TopicPartition(topic, i));
    }
  }

  @Override
  public void run(Stop stop) throws IOException {
    while (!stop.isNow()) {
      try (var consumer = clients.consumer("none")) {
        read(consumer, stop);
      } catch (InterruptException e) {
        throw e;
      } catch (KafkaException e) {
        // The session is over, as when its client had crashed.
        System.err.println("reader: " + e);
        if (stop.after(RETRY_MS)) {
          return;
        }
      }
    }
  }

  private void read(KafkaConsumer<byte[], byte[]> consumer, Stop stop) {
    int session = recorder.session(Reading.FREE, "");
    consumer.assign(partitions);
    boolean isFromBeginning = random.nextInt(SESSIONS_TO_THE_BEGINNING) == 0;
    for (var partition : partitions) {
      long at = isFromBeginning ? 0 : reached.getOrDefault(partition, 0L) - random.nextInt(BACK);
      long position = Math.max(0, at);
      consumer.seek(partition, position);
      recorder.assigned(session, partition, position);
    }
    int polls = 1 + random.nextInt(2 * POLLS_OF_A_SESSION);
    for (int i = 0; i < polls && !stop.isNow(); i++) {
      for (var record : consumer.poll(POLL)) {
        var partition = new TopicPartition(record.topic(), record.partition());
        recorder.polled(session, partition, record.offset(), Value.read(record.value()));
        reached.merge(partition, record.offset(), Math::max);
      }
      if (random.nextInt(POLLS_TO_THE_END) == 0) {
        seeEnd(consumer);
      }
    }
  }

  private void seeEnd(KafkaConsumer<byte[], byte[]> consumer) {
    var partition = partitions.get(random.nextInt(partitions.size()));
    long asked = System.nanoTime();
    try {
      var end = consumer.endOffsets(List.of(partition), END_TIMEOUT).get(partition);
      if (end != null) {
        recorder.endSeen(asked, partition, end);
      }
    } catch (TimeoutException unavailable) {
      // Nothing was told.
    }
  }
}
