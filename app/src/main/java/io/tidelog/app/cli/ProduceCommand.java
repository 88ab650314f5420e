package io.tidelog.app.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sends each line of standard input as a record. */
@Command(name = "produce", description = "send each line of standard input as a record")
final class ProduceCommand implements Runnable {

  @Mixin ClientOptions client = new ClientOptions();

  @Parameters(paramLabel = "TOPIC")
  String topic = "";

  @Option(
      names = "--key-separator",
      paramLabel = "TEXT",
      description = "what stands before its first occurrence in a line is the key")
  @Nullable String keySeparator;

  @Override
  public void run() {
    var properties = client.properties();
    properties.put("linger.ms", 5);
    properties.put("delivery.timeout.ms", 30_000);
    properties.put("max.block.ms", 15_000);
    if (System.console() != null && System.console().isTerminal()) {
      System.err.println("type records, one a line; Ctrl-D ends");
    }
    var failure = new AtomicReference<@Nullable Exception>();
    long sent = 0;
    try (var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var producer =
            new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        var unused =
            producer.send(
                record(line),
                (metadata, exception) -> {
                  if (exception != null) {
                    failure.compareAndSet(null, exception);
                  }
                });
        sent++;
      }
      producer.flush();
    } catch (IOException e) {
      throw new IllegalStateException("cannot read standard input", e);
    }
    var first = failure.get();
    if (first != null) {
      throw Outcome.asFailure(first);
    }
    System.err.println("sent " + sent + (sent == 1 ? " record to " : " records to ") + topic);
  }

  private ProducerRecord<@Nullable String, String> record(String line) {
    int cut = keySeparator == null ? -1 : line.indexOf(keySeparator);
    return keySeparator == null || cut < 0
        ? new ProducerRecord<>(topic, null, line)
        : new ProducerRecord<>(
            topic, line.substring(0, cut), line.substring(cut + keySeparator.length()));
  }
}
