package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.testkit.etcd.EtcdServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a load balancer is told about nodes that come and go; each a process of its own. */
class HealthTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void aGatewayIsReadyWhileAHotNodeIsAliveAndAlsoWithoutEtcd() throws Exception {
    int port = freePort();
    try (var etcd = EtcdServer.start(Files.createDirectories(folder.resolve("etcd")));
        var gateway = node("gateway", etcd, gateway(port));
        var hot = node("hot", etcd, Map.of("process.roles", "hot"));
        var balancer = new AdminPages("127.0.0.1:" + port)) {
      gateway.start();
      assertThat(balancer.get("/health/live").statusCode()).isEqualTo(200);
      assertNotReady(balancer, "no node with the role hot is alive");
      hot.start();
      awaitReady(balancer);
      hot.kill();
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertNotReady(balancer, "no node with the role hot is alive"));
      hot.start();
      awaitReady(balancer);
      try (var producer = producer(gateway)) {
        var first = producer.send(new ProducerRecord<>("orders", "first")).get();
        assertThat(first.offset()).isZero();
        etcd.pause();
        var second = producer.send(new ProducerRecord<>("orders", "second")).get();
        assertThat(second.offset()).isEqualTo(1);
        assertThat(balancer.get("/health/ready").statusCode()).isEqualTo(200);
        etcd.resume();
      }
    }
  }

  @Test
  void aNodeThatIsStoppedIsNotReadyWhileItServesOn() throws Exception {
    int port = freePort();
    var settings =
        Map.of(
            "tidelog.health.listener", "127.0.0.1:" + port, "tidelog.shutdown.delay.ms", "600000");
    try (var node = new ChildNode(folder, settings);
        var balancer = new AdminPages("127.0.0.1:" + port);
        var operator = new AdminPages(node.admin())) {
      node.start();
      awaitReady(balancer);
      var end = node.terminate();
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertNotReady(balancer, "the node is being stopped"));
      assertNotReady(operator, "the node is being stopped");
      assertThat(balancer.get("/health/live").statusCode()).isEqualTo(200);
      // A connection made now, and a record.
      try (var producer = producer(node)) {
        assertThat(producer.send(new ProducerRecord<>("orders", "value")).get().offset()).isZero();
      }
      assertThat(end.isAlive()).isTrue();
    }
  }

  @Test
  void afterTheDelayTheNodeEnds() throws Exception {
    try (var node = new ChildNode(folder, Map.of("tidelog.shutdown.delay.ms", "1000"))) {
      node.start();
      node.stop();
      assertThat(Files.readString(node.log())).contains("serving on, ms=1000", "node stopped");
    }
  }

  @Test
  void nothingButHealthIsServedToOthers() throws Exception {
    int port = freePort();
    var settings = Map.of("tidelog.health.listener", "127.0.0.1:" + port);
    try (var node = new RunningNode(folder, settings);
        var balancer = new AdminPages("127.0.0.1:" + port);
        var operator = new AdminPages(node.admin())) {
      for (var path : new String[] {"/metrics", "/nodes", "/delay", "/"}) {
        assertThat(balancer.get(path).statusCode()).as(path).isEqualTo(404);
      }
      assertThat(balancer.get("/health/ready").body()).isEqualTo("ready\n");
      assertThat(operator.get("/health/ready").body()).isEqualTo("ready\n");
      assertThat(operator.get("/metrics").statusCode()).isEqualTo(200);
    }
  }

  private ChildNode node(String name, EtcdServer etcd, Map<String, String> role)
      throws IOException {
    var settings = new HashMap<>(role);
    settings.putAll(
        Map.of(
            "tidelog.etcd.endpoints",
            etcd.endpoint(),
            "tidelog.replication.port",
            "0",
            "tidelog.internal.port",
            "0",
            "tidelog.object.store",
            "file:" + folder.resolve("objects"),
            "broker.session.timeout.ms",
            "6000",
            "broker.heartbeat.interval.ms",
            "500"));
    return new ChildNode(Files.createDirectories(folder.resolve(name)), settings);
  }

  private static Map<String, String> gateway(int healthPort) {
    return Map.of("process.roles", "gateway", "tidelog.health.listener", "127.0.0.1:" + healthPort);
  }

  private static void awaitReady(AdminPages balancer) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> balancer.get("/health/ready").statusCode() == 200);
  }

  private static void assertNotReady(AdminPages balancer, String reason) throws Exception {
    HttpResponse<String> answer = balancer.get("/health/ready");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
    assertThat(answer.body()).isEqualTo(reason + "\n");
  }

  private static KafkaProducer<String, String> producer(ChildNode node) {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", node.bootstrap()),
        new StringSerializer(),
        new StringSerializer());
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
