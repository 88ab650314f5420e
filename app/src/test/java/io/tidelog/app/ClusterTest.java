package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidelog.testkit.etcd.EtcdServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes in processes of their own on a real etcd, unmodified clients, and deaths. */
class ClusterTest {

  private static final int REPLICAS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  private EtcdServer etcd;
  private final List<ChildNode> nodes = new ArrayList<>();

  @BeforeEach
  void startEtcd() throws Exception {
    etcd = EtcdServer.start(Files.createDirectories(folder.resolve("etcd")));
  }

  @AfterEach
  void stop() {
    nodes.forEach(ChildNode::close);
    etcd.close();
  }

  private ChildNode node(int id) throws IOException {
    var settings = new HashMap<>(IdempotentLoad.SETTINGS);
    settings.putAll(
        Map.of(
            "tidelog.etcd.endpoints",
            etcd.endpoint(),
            "node.id",
            Integer.toString(id),
            "broker.rack",
            "zone-" + id,
            "tidelog.replication.port",
            "0",
            "tidelog.internal.port",
            "0",
            "tidelog.object.store",
            "file:" + folder.resolve("objects"),
            "default.replication.factor",
            Integer.toString(REPLICAS),
            "min.insync.replicas",
            "2"));
    return new ChildNode(folder.resolve("node-" + id), settings);
  }

  private void startNodes() throws Exception {
    for (int id = 1; id <= REPLICAS; id++) {
      nodes.add(node(id));
    }
    nodes.parallelStream().forEach(ChildNode::start);
    awaitNodes();
  }

  @Test
  void nothingAcknowledgedIsLostWhenEachNodeDiesInTurn() throws Exception {
    startNodes();
    try (var load = IdempotentLoad.start(bootstrap(), REPLICAS)) {
      for (var node : nodes) {
        load.awaitAcknowledged(2_000);
        load.leaveWitness();
        node.kill();
        load.awaitAcknowledged(2_000);
        load.checkWitness();
        node.start();
        awaitInSync(IdempotentLoad.TOPIC, REPLICAS);
      }
      load.finish();
      load.checkNothingIsLostDoubledOrReordered();
    }
  }

  @Test
  void clientsAreToldNothingOfARollingRestart() throws Exception {
    startNodes();
    try (var load = IdempotentLoad.start(bootstrap(), REPLICAS);
        var reader = GroupReader.start(bootstrap(), IdempotentLoad.TOPIC)) {
      for (var node : nodes) {
        load.awaitAcknowledged(2_000);
        node.stop();
        load.awaitAcknowledged(2_000);
        node.start();
        awaitInSync(IdempotentLoad.TOPIC, REPLICAS);
      }
      load.finish();
      reader.awaitRead(load.sent());
      load.checkNothingIsLostDoubledOrReordered();
    }
  }

  @Test
  void aNodeIsDrainedAndOneThatWasAddedHoldsItsLogs() throws Exception {
    startNodes();
    var drained = nodes.getFirst();
    try (var load = IdempotentLoad.start(bootstrap(), REPLICAS)) {
      load.awaitAcknowledged(2_000);
      var added = node(REPLICAS + 1);
      nodes.add(added);
      added.start();
      awaitNodes();

      assertThat(drained.admin("drain", "1")).endsWith("node 1 is empty\n");
      assertThatUnregistering(1).hasRootCauseInstanceOf(InvalidRequestException.class);
      drained.stop();
      load.awaitAcknowledged(2_000);
      awaitInSync(IdempotentLoad.TOPIC, REPLICAS);
      unregister(1);
      assertThatUnregistering(1).hasRootCauseInstanceOf(BrokerIdNotRegisteredException.class);
      assertThat(added.admin("nodes")).containsPattern("(?m)^ +4 +yes +\\S+ +\\S+ +\\d+ +[1-9]");

      load.finish();
      load.checkNothingIsLostDoubledOrReordered();
    }
  }

  private void unregister(int id) throws Exception {
    try (var admin = admin()) {
      admin.unregisterBroker(id).all().get();
    }
  }

  private AbstractThrowableAssert<?, ?> assertThatUnregistering(int id) {
    return assertThatThrownBy(() -> unregister(id));
  }

  @Test
  void aProducerHearsThatTooFewReplicasAreInSync() throws Exception {
    startNodes();
    create("orders");
    try (var producer = producer()) {
      awaitTaken(producer, "first");
      var followers = followersOf("orders");
      followers.forEach(ChildNode::kill);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(producer.send(new ProducerRecord<>("orders", "second")))
                      .failsWithin(PATIENCE)
                      .withThrowableThat()
                      .havingRootCause()
                      .isInstanceOfAny(
                          NotEnoughReplicasException.class,
                          org.apache.kafka.common.errors.NotEnoughReplicasAfterAppendException
                              .class));
      followers.getFirst().start();
      awaitInSync("orders", 2);
      awaitTaken(producer, "third");
    }
  }

  @Test
  void aProducerHearsItFromTheLastReplicaToo() throws Exception {
    startNodes();
    create("orders");
    try (var producer = producer()) {
      awaitTaken(producer, "first");
      var last = followersOf("orders").getFirst();
      var others = nodes.stream().filter(node -> node != last).toList();
      followersOf("orders").getLast().kill();
      awaitInSync("orders", 2);
      others.forEach(ChildNode::kill);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(producer.send(new ProducerRecord<>("orders", "second")))
                      .failsWithin(PATIENCE)
                      .withThrowableThat()
                      .havingRootCause()
                      .isInstanceOf(NotEnoughReplicasException.class));
      others.getFirst().start();
      awaitInSync("orders", 2);
      awaitTaken(producer, "third");
    }
  }

  /** Its client does not try again by itself, and a new log has no leader at once. */
  private static void awaitTaken(KafkaProducer<String, String> producer, String value) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> producer.send(new ProducerRecord<>("orders", value)).get() != null);
  }

  private List<ChildNode> followersOf(String topic) throws Exception {
    try (var admin = admin()) {
      var partition =
          admin
              .describeTopics(List.of(topic))
              .allTopicNames()
              .get()
              .get(topic)
              .partitions()
              .getFirst();
      var leader = nodes.get(partition.leader().id() - 1);
      return nodes.stream().filter(node -> node != leader).toList();
    }
  }

  private void create(String topic) throws Exception {
    try (var admin = admin()) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) REPLICAS))).all().get();
    }
    awaitInSync(topic, REPLICAS);
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
            10_000,
            "request.timeout.ms",
            5_000),
        new StringSerializer(),
        new StringSerializer());
  }

  private String bootstrap() {
    return nodes.stream().map(ChildNode::bootstrap).collect(Collectors.joining(","));
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", bootstrap()));
  }

  private void awaitNodes() {
    try (var admin = admin()) {
      await()
          .atMost(PATIENCE)
          .until(() -> admin.describeCluster().nodes().get().size() == nodes.size());
    }
  }

  private void awaitInSync(String topic, int replicas) {
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
                      .allMatch(partition -> partition.isr().size() == replicas));
    }
  }
}
