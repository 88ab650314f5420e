package io.tidelog.app.cli;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.node.TidelogNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A short life of a node with one client, from which the build records what a start needs. */
@Command(name = "warm-up", hidden = true, description = "one produce and consume, then stop")
final class WarmUpCommand implements Callable<Integer> {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String TOPIC = "warm-up";

  @Option(names = "--data", paramLabel = "DIR", required = true)
  String data = "";

  @Override
  public Integer call() throws ExecutionException, InterruptedException {
    var settings =
        Map.of(
            "listeners", "PLAINTEXT://localhost:0",
            "tidelog.admin.port", "0",
            "log.dir", data);
    try (var node =
        TidelogNode.start(
            NodeConfig.read(null, Map.of(), settings, NodeConfig.topicDefaultNames()))) {
      Map<String, Object> client =
          Map.of(
              "bootstrap.servers",
              node.addresses().bootstrap(),
              "group.id",
              TOPIC,
              "auto.offset.reset",
              "earliest");
      try (var producer =
          new KafkaProducer<>(client, new StringSerializer(), new StringSerializer())) {
        producer.send(new ProducerRecord<>(TOPIC, "value")).get();
      }
      try (var consumer =
          new KafkaConsumer<>(client, new StringDeserializer(), new StringDeserializer())) {
        consumer.subscribe(List.of(TOPIC));
        long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
        while (consumer.poll(Duration.ofMillis(100)).isEmpty()) {
          if (System.nanoTime() > deadlineNs) {
            return 1;
          }
        }
        consumer.commitSync();
      }
    }
    return 0;
  }
}
