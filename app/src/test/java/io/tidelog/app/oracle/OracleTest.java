package io.tidelog.app.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.node.TidelogNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Apache Kafka as oracle: both servers run the same scenario and must answer alike, except where
 * {@link #JUSTIFIED} says why not.
 */
class OracleTest {

  /** Step to the reason for answering differently; also listed in docs/compatibility.md. */
  private static final Map<String, String> JUSTIFIED =
      Map.ofEntries(
          Map.entry(
              "default of segment.bytes",
              "partitions share a segment log; the value has no effect"),
          Map.entry(
              "default of local.retention.ms",
              "a day in the hot tier, since every topic is tiered"),
          Map.entry(
              "default of min.insync.replicas",
              "the same value; Kafka stores its default as a dynamic one"),
          Map.entry(
              "produce, wrong last offset delta",
              "the same error; a refusal does not tell the log start"),
          Map.entry(
              "produce, control batch", "the same error; a refusal does not tell the log start"),
          Map.entry("sequence skipped", "the same error; a refusal does not tell the log start"),
          Map.entry(
              "next epoch, not from 0", "the same error; a refusal does not tell the log start"),
          Map.entry("old epoch", "the same error; a refusal does not tell the log start"),
          Map.entry(
              "unknown producer from sequence 5",
              "a producer that cannot have been forgotten begins with 0; Kafka takes any"),
          Map.entry(
              "replace configs, named twice", "refused each time; Kafka closes the connection"));

  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  @TempDir Path data;

  /**
   * A broker learns of changes a little after they were answered, so that some of its answers
   * depend on the moment: where it differs it is asked once more from the beginning, and Tidelog's
   * one answer has to be among its two.
   */
  @Test
  void answersAsApacheKafkaDoes() throws Exception {
    var ours = tidelogAnswers();
    var theirs = kafkaAnswers("kafka");
    var different = different(ours, theirs);
    if (!different.isEmpty()) {
      var again = different(ours, kafkaAnswers("kafka-again"));
      different.keySet().retainAll(again.keySet());
    }
    assertThat(different).isEmpty();
    assertThat(theirs).hasSizeGreaterThan(60);
  }

  private static Map<String, String> different(
      Map<String, String> ours, Map<String, String> theirs) {
    var different = new HashMap<String, String>();
    theirs.forEach(
        (step, answer) -> {
          if (!answer.equals(ours.get(step)) && !JUSTIFIED.containsKey(step)) {
            different.put(step, "kafka <" + answer + "> tidelog <" + ours.get(step) + ">");
          }
        });
    return different;
  }

  private Map<String, String> tidelogAnswers() {
    var settings =
        Map.of(
            "listeners", "PLAINTEXT://localhost:0",
            "tidelog.admin.port", "0",
            "auto.create.topics.enable", "false",
            "log.dir", data.resolve("tidelog").toString());
    try (var node =
        TidelogNode.start(
            NodeConfig.read(null, Map.of(), settings, NodeConfig.topicDefaultNames()))) {
      var bootstrap = node.addresses().bootstrap();
      return new Scenario(Integer.parseInt(bootstrap.substring(bootstrap.lastIndexOf(':') + 1)))
          .run();
    }
  }

  private Map<String, String> kafkaAnswers(String folder) throws IOException, InterruptedException {
    int port = freePort();
    var log = data.resolve(folder + ".log");
    var broker =
        new ProcessBuilder(
                ROOT.resolve("compat/kafka/broker").toString(),
                data.resolve(folder).toString(),
                Integer.toString(port),
                "auto.create.topics.enable=false",
                "offsets.topic.num.partitions=5")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    broker
        .environment()
        .putAll(
            Map.of("JAVA_HOME", System.getProperty("java.home"), "KAFKA_HEAP_OPTS", "-Xmx700m"));
    var process = broker.start();
    try {
      await()
          .atMost(Duration.ofSeconds(90))
          .failFast(() -> assertThat(process.isAlive()).as(Files.readString(log)).isTrue())
          .until(() -> isListening(port));
      return new Scenario(port).run();
    } finally {
      process.toHandle().destroyForcibly();
      process.waitFor();
    }
  }

  private static boolean isListening(int port) {
    try (var probe = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
      return probe.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    for (int attempt = 0; attempt < 100; attempt++) {
      try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          var next =
              new ServerSocket(socket.getLocalPort() + 1, 1, InetAddress.getLoopbackAddress())) {
        return next.getLocalPort() - 1;
      } catch (IOException taken) {
        assertThat(attempt).isLessThan(99);
      }
    }
    throw new IOException("no two free ports in a row");
  }
}
