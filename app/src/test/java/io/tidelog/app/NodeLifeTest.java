package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidelog.core.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node leaves behind in its process, however its life ends. */
class NodeLifeTest {

  private static final Pattern OURS =
      Pattern.compile("(metadata|log|cold|coordinator|validation|vert\\.x)-.*");

  @TempDir Path data;

  @AfterEach
  void noThreadIsLeft() {
    await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(threads()).isEmpty());
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> OURS.matcher(name).matches())
        .sorted()
        .toList();
  }

  @Test
  void aNodeThatServedClientsLeavesNothingRunning() throws Exception {
    try (var node = new RunningNode(data, Map.of());
        var producer = node.producer(Map.of())) {
      producer.send(new ProducerRecord<>("orders", "value")).get();
      assertThat(threads()).isNotEmpty();
    }
  }

  @Test
  void anAdminPortInUseEndsTheStartAndLeavesTheFolderFree() throws Exception {
    try (var taken = taken()) {
      var port = Integer.toString(taken.getLocalPort());
      assertThatThrownBy(() -> new RunningNode(data, Map.of("tidelog.admin.port", port)))
          .isInstanceOf(Fault.Refused.class)
          .hasMessageContaining("admin port " + port);
    }
    new RunningNode(data, Map.of()).close();
  }

  @Test
  void aClientPortInUseEndsTheStartAndLeavesTheFolderFree() throws Exception {
    try (var taken = taken()) {
      var listeners = "PLAINTEXT://localhost:" + taken.getLocalPort();
      assertThatThrownBy(() -> new RunningNode(data, Map.of("listeners", listeners)))
          .isInstanceOf(Fault.class)
          .hasMessageContaining(Integer.toString(taken.getLocalPort()));
    }
    new RunningNode(data, Map.of()).close();
  }

  @Test
  void anObjectStoreThatCannotBeUsedEndsTheStartAndLeavesTheFolderFree() throws Exception {
    assertThatThrownBy(
            () -> new RunningNode(data, Map.of("tidelog.object.store", "file:/dev/null/objects")))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("/dev/null/objects");
    new RunningNode(data, Map.of()).close();
  }

  @Test
  @Timeout(60)
  void anObjectStoreThatTakesConnectionsAndSaysNothingDoesNotHoldUpTheStart() throws Exception {
    System.setProperty("aws.accessKeyId", "key");
    System.setProperty("aws.secretAccessKey", "secret");
    try (var silent = taken()) {
      var endpoint = "http://127.0.0.1:" + silent.getLocalPort();
      try (var node =
              new RunningNode(
                  data,
                  Map.of(
                      "tidelog.object.store", "s3://tide/cold", "tidelog.s3.endpoint", endpoint));
          var producer = node.producer(Map.of())) {
        producer.send(new ProducerRecord<>("orders", "value")).get();
      }
    } finally {
      System.clearProperty("aws.accessKeyId");
      System.clearProperty("aws.secretAccessKey");
    }
  }

  private static ServerSocket taken() throws IOException {
    return new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
  }
}
