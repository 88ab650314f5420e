package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.testkit.etcd.EtcdServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.NotEnoughReplicasAfterAppendException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hot nodes that only the gateway before them sees, each in a process of its own, and deaths. What
 * is acknowledged is in page caches, which outlive a process.
 */
class RolesApartTest {

  private static final int REPLICAS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  private EtcdServer etcd;
  private final List<ChildNode> hot = new ArrayList<>();
  private ChildNode gateway;

  /** The same gateway elsewhere: another folder, another address. */
  private ChildNode moved;

  @BeforeEach
  void startAll() throws Exception {
    etcd = EtcdServer.start(Files.createDirectories(folder.resolve("etcd")));
    for (int id = 1; id <= REPLICAS; id++) {
      hot.add(node("hot-" + id, Map.of("process.roles", "hot", "node.id", Integer.toString(id))));
    }
    var front = Map.of("process.roles", "gateway", "tidelog.node.name", "front");
    gateway = node("gateway", front);
    moved = node("moved", front);
    hot.parallelStream().forEach(ChildNode::start);
    gateway.start();
  }

  @AfterEach
  void stop() {
    hot.forEach(ChildNode::close);
    gateway.close();
    moved.close();
    etcd.close();
  }

  private ChildNode node(String name, Map<String, String> role) throws IOException {
    var settings = new HashMap<>(IdempotentLoad.SETTINGS);
    settings.putAll(role);
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
            "tidelog.durability",
            "replicated",
            "broker.session.timeout.ms",
            "3000",
            "broker.heartbeat.interval.ms",
            "500",
            "default.replication.factor",
            Integer.toString(REPLICAS),
            "min.insync.replicas",
            "2"));
    return new ChildNode(folder.resolve(name), settings);
  }

  @Test
  void nothingIsLostWhenHotNodesDieAndTheGatewayComesBackElsewhere() throws Exception {
    try (var load = IdempotentLoad.start(bootstrap(), REPLICAS)) {
      load.awaitAcknowledged(2_000);
      var dead = hot.getFirst();
      dead.kill();
      load.awaitAcknowledged(2_000);
      awaitOffline(List.of(1));
      dead.start();
      awaitInSync(IdempotentLoad.TOPIC);
      awaitOffline(List.of());

      load.leaveWitness();
      var before = brokers();
      gateway.kill();
      moved.start();
      load.awaitAcknowledged(2_000);
      load.checkWitness();
      var after = brokers();
      assertThat(after).extracting(Node::id).isEqualTo(before.stream().map(Node::id).toList());
      assertThat(after).extracting(Node::port).containsExactly(moved.port());

      hot.forEach(ChildNode::kill);
      hot.parallelStream().forEach(ChildNode::start);
      load.awaitAcknowledged(2_000);
      load.checkWitness();
      load.finish();
      load.checkNothingIsLostDoubledOrReordered();
    }
  }

  /** Its followers are frozen: they acknowledge nothing, and are in sync until that is noticed. */
  @Test
  void aProducerHearsThatTooFewReplicasHaveWhatIsWritten() throws Exception {
    try (var admin = admin();
        var producer = producer()) {
      admin.createTopics(List.of(new NewTopic("orders", 1, (short) REPLICAS))).all().get();
      awaitInSync("orders");
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> producer.send(new ProducerRecord<>("orders", "first")).get() != null);
      int leader = replicas("orders").getFirst();
      var followers = hot.stream().filter(node -> node != hot.get(leader - 1)).toList();
      for (var follower : followers) {
        follower.pause();
      }
      assertThat(producer.send(new ProducerRecord<>("orders", "second")))
          .failsWithin(PATIENCE)
          .withThrowableThat()
          .havingRootCause()
          .isInstanceOf(NotEnoughReplicasAfterAppendException.class);
      for (var follower : followers) {
        follower.resume();
      }
      awaitInSync("orders");
    }
  }

  private List<Node> brokers() throws Exception {
    try (var admin = admin()) {
      return List.copyOf(admin.describeCluster().nodes().get());
    }
  }

  /** As a client sees them that has just come. */
  private void awaitOffline(List<Integer> ids) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              try (var consumer =
                  new KafkaConsumer<>(
                      Map.of("bootstrap.servers", bootstrap()),
                      new ByteArrayDeserializer(),
                      new ByteArrayDeserializer())) {
                for (var partition : consumer.partitionsFor(IdempotentLoad.TOPIC)) {
                  assertThat(Arrays.stream(partition.offlineReplicas()).map(Node::id))
                      .containsExactlyElementsOf(ids);
                }
              }
            });
  }

  private void awaitInSync(String topic) {
    try (var admin = admin()) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(
              () ->
                  admin
                      .describeTopics(List.of(topic))
                      .allTopicNames()
                      .get()
                      .get(topic)
                      .partitions()
                      .stream()
                      .allMatch(partition -> partition.isr().size() == REPLICAS));
    }
  }

  /** The preferred leader first, which leads what is new. */
  private List<Integer> replicas(String topic) throws Exception {
    try (var admin = admin()) {
      var described = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
      return described.partitions().getFirst().replicas().stream().map(Node::id).toList();
    }
  }

  private KafkaProducer<String, String> producer() {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            bootstrap(),
            "enable.idempotence",
            false,
            "acks",
            "all",
            "retries",
            0,
            "delivery.timeout.ms",
            30_000,
            "request.timeout.ms",
            20_000),
        new StringSerializer(),
        new StringSerializer());
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", bootstrap()));
  }

  private String bootstrap() {
    return gateway.bootstrap() + "," + moved.bootstrap();
  }
}
