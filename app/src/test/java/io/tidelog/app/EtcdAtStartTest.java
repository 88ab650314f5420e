package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.testkit.etcd.EtcdServer;
import io.tidelog.testkit.net.TcpProxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that starts while etcd comes and goes. */
class EtcdAtStartTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void aNodeWhoseEtcdIsLostWhileItReadsTheMetadataWaitsForItAndStarts() throws Exception {
    try (var etcd = EtcdServer.start(Files.createDirectories(folder.resolve("etcd")));
        var proxy = TcpProxy.to(etcd.address());
        var node = node(proxy.endpoint())) {
      node.start();
      create(node, "orders");
      node.kill();
      var before = Files.readString(node.log());
      // Only who reads everything is told of a topic.
      proxy.cutAfterServerSent(
          sent -> {
            boolean isTopic = new String(sent, StandardCharsets.ISO_8859_1).contains("orders");
            if (isTopic) {
              proxy.refuse();
            }
            return isTopic;
          });
      var process = node.launch();
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  !process.isAlive()
                      || Files.readString(node.log())
                          .substring(before.length())
                          .contains("metadata cannot be reached yet, waiting for it"));
      proxy.accept();
      try (var admin = admin(node)) {
        await()
            .atMost(PATIENCE)
            .failFast("the node ended, see " + node.log(), () -> !process.isAlive())
            .ignoreExceptions()
            .untilAsserted(() -> assertThat(admin.listTopics().names().get()).contains("orders"));
      }
    }
  }

  private ChildNode node(String etcd) throws Exception {
    return new ChildNode(
        folder.resolve("node"),
        Map.of(
            "tidelog.etcd.endpoints", etcd,
            "node.id", "1",
            "tidelog.replication.port", "0",
            "tidelog.internal.port", "0",
            "tidelog.object.store", "file:" + folder.resolve("objects"),
            "default.replication.factor", "1",
            "min.insync.replicas", "1"));
  }

  private static void create(ChildNode node, String topic) throws Exception {
    try (var admin = admin(node)) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
  }

  private static Admin admin(ChildNode node) {
    return Admin.create(
        Map.of(
            "bootstrap.servers", node.bootstrap(),
            "request.timeout.ms", 5_000,
            "default.api.timeout.ms", 10_000));
  }
}
