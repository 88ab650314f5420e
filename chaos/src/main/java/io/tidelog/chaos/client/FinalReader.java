package io.tidelog.chaos.client;

import io.tidelog.chaos.history.Reading;
import io.tidelog.chaos.history.Value;
import io.tidelog.chaos.world.Pause;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/**
 * Reads everything once all is healed and nobody writes: every record of every partition, what
 * groups have committed, which topics there are.
 */
final class FinalReader implements Work {

  private static final Duration POLL = Duration.ofMillis(500);
  private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(150);
  private static final long RETRY_MS = 500;

  private final Recorder recorder;
  private final Clients clients;
  private final List<String> groups;
  private final String unwrittenPrefix;
  private final long startedNs = System.nanoTime();

  /**
   * @param groups whose offsets are asked for
   * @param unwrittenPrefix topics whose name begins like this hold no records
   */
  FinalReader(Recorder recorder, Clients clients, List<String> groups, String unwrittenPrefix) {
    this.recorder = recorder;
    this.clients = clients;
    this.groups = groups;
    this.unwrittenPrefix = unwrittenPrefix;
  }

  @Override
  public void run(Stop stop) throws IOException {
    try (var admin = clients.admin()) {
      var topics = untilItAnswers(() -> list(admin));
      for (var topic : topics) {
        if (!topic.name().startsWith(unwrittenPrefix)) {
          for (var partition : topic.partitions()) {
            readAll(new TopicPartition(topic.name(), partition.partition()));
          }
          for (var group : groups) {
            if (group.startsWith(topic.name())) {
              seeCommitted(admin, group, topic);
            }
          }
        }
      }
      record(admin, topics);
    }
  }

  /** Something that fails as long as the cluster is not well. */
  private interface Question<T> {
    T ask() throws ExecutionException, TimeoutException, InterruptedException;
  }

  private <T> T untilItAnswers(Question<T> question) throws IOException {
    while (true) {
      try {
        return question.ask();
      } catch (ExecutionException | TimeoutException | KafkaException e) {
        if (System.nanoTime() - startedNs > DEADLINE_NS) {
          throw new IOException("the cluster is not well again", e);
        }
        System.err.println("final reader: " + e);
        Pause.ms(RETRY_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }

  private static <T> T get(KafkaFuture<T> future)
      throws ExecutionException, TimeoutException, InterruptedException {
    return future.get(Clients.CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Collection<TopicDescription> list(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    return get(admin.describeTopics(get(admin.listTopics().names())).allTopicNames()).values();
  }

  private void readAll(TopicPartition partition) throws IOException {
    int session = recorder.session(Reading.FINAL, "");
    try (var consumer = clients.consumer("earliest")) {
      var all = List.of(partition);
      consumer.assign(all);
      long start = untilItAnswers(() -> consumer.beginningOffsets(all).getOrDefault(partition, 0L));
      long end = untilItAnswers(() -> consumer.endOffsets(all).getOrDefault(partition, 0L));
      consumer.seek(partition, start);
      recorder.assigned(session, partition, start);
      read(consumer, session, partition, end);
      // What was trimmed meanwhile is not missing.
      long trimmed =
          untilItAnswers(() -> consumer.beginningOffsets(all).getOrDefault(partition, 0L));
      recorder.finalBounds(partition, Math.max(start, trimmed), end);
    }
  }

  private void read(
      KafkaConsumer<byte[], byte[]> consumer, int session, TopicPartition partition, long end)
      throws IOException {
    while (untilItAnswers(() -> consumer.position(partition)) < end) {
      for (var record : untilItAnswers(() -> consumer.poll(POLL))) {
        recorder.polled(session, partition, record.offset(), Value.read(record.value()));
      }
      if (System.nanoTime() - startedNs > DEADLINE_NS) {
        throw new IOException(
            partition + " ends at " + end + " and was read to " + consumer.position(partition));
      }
    }
  }

  private void seeCommitted(Admin admin, String group, TopicDescription topic) throws IOException {
    var partitions =
        topic.partitions().stream()
            .map(partition -> new TopicPartition(topic.name(), partition.partition()))
            .toList();
    var wish = new ListConsumerGroupOffsetsSpec().topicPartitions(partitions);
    long asked = System.nanoTime();
    var told =
        untilItAnswers(
            () ->
                get(
                    admin
                        .listConsumerGroupOffsets(Map.of(group, wish))
                        .partitionsToOffsetAndMetadata(group)));
    for (var partition : partitions) {
      var offset = told.get(partition);
      recorder.committedSeen(asked, group, partition, offset == null ? -1 : offset.offset());
    }
  }

  private void record(Admin admin, Collection<TopicDescription> topics) throws IOException {
    long asked = System.nanoTime();
    recorder.finalTopics();
    for (var topic : topics) {
      var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
      var config =
          untilItAnswers(() -> get(admin.describeConfigs(List.of(resource)).all())).get(resource);
      var retention = config == null ? null : config.get(TopicConfig.RETENTION_MS_CONFIG);
      recorder.topicSeen(
          asked,
          topic.name(),
          topic.topicId().toString(),
          topic.partitions().size(),
          retention == null ? -1 : Long.parseLong(retention.value()));
    }
  }
}
