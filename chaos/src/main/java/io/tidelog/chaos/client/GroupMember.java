package io.tidelog.chaos.client;

import io.tidelog.chaos.history.Outcome;
import io.tidelog.chaos.history.Reading;
import io.tidelog.chaos.history.Value;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/**
 * A member of a group that commits what it was given, each time; now and then it leaves, in order
 * or without a word, and joins again.
 */
final class GroupMember implements Work {

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(5);
  private static final int POLLS_OF_A_SESSION = 150;
  private static final long RETRY_MS = 200;
  private static final long UNKNOWN_POSITION = -1;

  private final Recorder recorder;
  private final Clients clients;
  private final Random random;
  private final String topic;
  private final String group;
  private final String protocol;

  GroupMember(Recorder recorder, Clients clients, Random random, String topic, String protocol) {
    this.recorder = recorder;
    this.clients = clients;
    this.random = random;
    this.topic = topic;
    this.group = group(topic, protocol);
    this.protocol = protocol;
  }

  static String group(String topic, String protocol) {
    return topic + "-" + protocol;
  }

  @Override
  public void run(Stop stop) throws IOException {
    while (!stop.isNow()) {
      var consumer = clients.member(group, protocol);
      try {
        read(consumer, stop);
      } catch (InterruptException e) {
        throw e;
      } catch (KafkaException e) {
        System.err.println("member of " + group + ": " + e);
        if (stop.after(RETRY_MS)) {
          return;
        }
      } finally {
        close(consumer);
      }
    }
  }

  private void close(KafkaConsumer<byte[], byte[]> consumer) {
    try {
      consumer.close(CloseOptions.timeout(random.nextBoolean() ? COMMIT_TIMEOUT : Duration.ZERO));
    } catch (KafkaException e) {
      System.err.println("member of " + group + ", leaving: " + e);
    }
  }

  private void read(KafkaConsumer<byte[], byte[]> consumer, Stop stop) {
    int session = recorder.session(Reading.GROUP, group);
    consumer.subscribe(List.of(topic), new Ownership(session));
    int polls = 1 + random.nextInt(2 * POLLS_OF_A_SESSION);
    for (int i = 0; i < polls && !stop.isNow(); i++) {
      Map<TopicPartition, OffsetAndMetadata> done = new LinkedHashMap<>();
      for (var record : consumer.poll(POLL)) {
        var partition = new TopicPartition(record.topic(), record.partition());
        recorder.polled(session, partition, record.offset(), Value.read(record.value()));
        done.put(partition, new OffsetAndMetadata(record.offset() + 1));
      }
      if (!done.isEmpty()) {
        commit(consumer, session, done);
      }
    }
  }

  private void commit(
      KafkaConsumer<byte[], byte[]> consumer,
      int session,
      Map<TopicPartition, OffsetAndMetadata> done) {
    Map<TopicPartition, Long> ops = new LinkedHashMap<>();
    done.forEach(
        (partition, offset) ->
            ops.put(partition, recorder.commitInvoked(session, group, partition, offset.offset())));
    try {
      consumer.commitSync(done, COMMIT_TIMEOUT);
      ops.values().forEach(op -> recorder.commitDone(op, Outcome.OK, ""));
    } catch (KafkaException e) {
      // Refused perhaps, but an attempt before that, which was not answered, may have been taken.
      ops.values()
          .forEach(op -> recorder.commitDone(op, Outcome.UNKNOWN, e.getClass().getSimpleName()));
    }
  }

  private final class Ownership implements ConsumerRebalanceListener {

    private final int session;

    Ownership(int session) {
      this.session = session;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      partitions.forEach(partition -> recorder.assigned(session, partition, UNKNOWN_POSITION));
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      partitions.forEach(partition -> recorder.revoked(session, partition));
    }
  }
}
