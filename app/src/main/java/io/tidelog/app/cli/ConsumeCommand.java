package io.tidelog.app.cli;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints records as lines until interrupted or told enough. */
@Command(name = "consume", description = "print records as lines; Ctrl-C ends it")
final class ConsumeCommand implements Runnable {

  private static final Duration POLL = Duration.ofMillis(500);

  @Mixin ClientOptions client = new ClientOptions();

  @Parameters(paramLabel = "TOPIC")
  String topic = "";

  @Option(names = "--from-beginning", description = "start at the first record")
  boolean fromBeginning;

  @Option(
      names = "--group",
      paramLabel = "NAME",
      description = "share the records with others of this group and commit its offsets")
  @Nullable String group;

  @Option(names = "--max", paramLabel = "N", description = "stop after N records")
  long max = Long.MAX_VALUE;

  @Option(names = "--print-key", description = "print key, tab, value")
  boolean printKey;

  @Override
  public void run() {
    var properties = client.properties();
    if (group != null) {
      properties.put("group.id", group);
    }
    properties.put("enable.auto.commit", group != null);
    properties.put("auto.offset.reset", fromBeginning ? "earliest" : "latest");
    properties.put("allow.auto.create.topics", false);
    var consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    var main = Thread.currentThread();
    var stop =
        new Thread(
            () -> {
              consumer.wakeup();
              joinQuietly(main);
            });
    Runtime.getRuntime().addShutdownHook(stop);
    try (consumer) {
      start(consumer);
      printRecords(consumer);
    } catch (WakeupException e) {
      System.out.flush();
    }
  }

  /** Without a group every partition is read, and nothing is left behind. */
  private void start(KafkaConsumer<String, String> consumer) {
    var partitions = consumer.partitionsFor(topic);
    if (partitions == null || partitions.isEmpty()) {
      throw new Fault.Refused(
          Refusal.UNKNOWN_TOPIC_OR_PARTITION,
          "no topic "
              + topic
              + "; "
              + TidelogCommand.NAME
              + " topics create "
              + topic
              + " makes it");
    }
    if (group != null) {
      consumer.subscribe(List.of(topic));
    } else {
      consumer.assign(
          partitions.stream().map(each -> new TopicPartition(topic, each.partition())).toList());
    }
  }

  private void printRecords(KafkaConsumer<String, String> consumer) {
    long printed = 0;
    while (printed < max) {
      for (var consumed : consumer.poll(POLL)) {
        System.out.println(printKey ? consumed.key() + "\t" + consumed.value() : consumed.value());
        if (++printed >= max) {
          return;
        }
      }
      System.out.flush();
    }
  }

  private static void joinQuietly(Thread thread) {
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
