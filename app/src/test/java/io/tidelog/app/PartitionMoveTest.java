package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Partitions that go to other segment logs under load, with most of their history offloaded. */
class PartitionMoveTest {

  private static final int NODES = 3;
  private static final int OFFSETS_PARTITIONS = 50;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** With values of a kilobyte they fill a segment and a half. */
  private static final int RECORDS = 1_500;

  private static final int VALUE_BYTES = 1_000;
  private static final TopicPartition FIRST = new TopicPartition("lines", 0);
  private static final TopicPartition SECOND = new TopicPartition("lines", 1);

  @TempDir Path folder;

  private EtcdServer etcd;
  private Admin admin;
  private final List<ChildNode> nodes = new ArrayList<>();

  @BeforeEach
  void startNodes() throws Exception {
    etcd = EtcdServer.start(Files.createDirectories(folder.resolve("etcd")));
    for (int id = 1; id <= NODES; id++) {
      nodes.add(node(id));
    }
    nodes.parallelStream().forEach(ChildNode::start);
    admin = Admin.create(Map.of("bootstrap.servers", bootstrap()));
    await().atMost(PATIENCE).until(() -> admin.describeCluster().nodes().get().size() == NODES);
    // Every log has partitions that stay.
    admin.createTopics(List.of(new NewTopic("others", 24, (short) NODES))).all().get();
  }

  @AfterEach
  void stop() {
    admin.close();
    nodes.forEach(ChildNode::close);
    etcd.close();
  }

  private ChildNode node(int id) throws IOException {
    var settings = new HashMap<>(IdempotentLoad.SETTINGS);
    settings.put("tidelog.etcd.endpoints", etcd.endpoint());
    settings.put("node.id", Integer.toString(id));
    settings.put("broker.rack", "zone-" + id);
    settings.put("tidelog.replication.port", "0");
    settings.put("tidelog.internal.port", "0");
    settings.put("tidelog.object.store", "file:" + folder.resolve("objects"));
    settings.put("default.replication.factor", Integer.toString(NODES));
    settings.put("min.insync.replicas", "2");
    return new ChildNode(folder.resolve("node-" + id), settings);
  }

  @Test
  void aPartitionMovesUnderLoadAndNothingIsLostDoubledOrReordered() throws Exception {
    try (var load = IdempotentLoad.start(bootstrap(), NODES)) {
      load.awaitAcknowledged(30_000);
      await().atMost(PATIENCE).until(() -> earliestLocal(FIRST) > 0 && earliestLocal(SECOND) > 0);

      // Elsewhere and back, and into a class of which there is no log yet.
      for (int round = 1; round <= NODES; round++) {
        load.awaitAcknowledged(5_000);
        move(Map.of(FIRST, rotated(FIRST, 1), SECOND, rotated(SECOND, 2)));
      }
      load.awaitAcknowledged(5_000);
      move(Map.of(FIRST, List.of(2, 1)));
      load.awaitAcknowledged(5_000);
      move(Map.of(FIRST, List.of(3, 1, 2)));
      load.awaitAcknowledged(5_000);

      load.finish();
      load.checkNothingIsLostDoubledOrReordered();
    }
  }

  /** Most of it is in both tiers; what is not offloaded can only become less meanwhile. */
  @Test
  void aMoveCopiesWhatIsNotOffloadedOnly() throws Exception {
    var partition = new TopicPartition("kept", 0);
    var topic = new NewTopic("kept", 1, (short) NODES);
    admin.createTopics(List.of(topic.configs(Map.of("local.retention.ms", "3600000")))).all().get();
    fill("kept");
    await()
        .atMost(PATIENCE)
        .until(() -> offset(partition, OffsetSpec.latestTiered()) > RECORDS / 2);
    assertThat(earliestLocal(partition)).isZero();

    long left = RECORDS - 1 - offset(partition, OffsetSpec.latestTiered());
    move(Map.of(partition, rotated(partition, 1)));

    assertThat(movedBytes()).isLessThanOrEqualTo(left * 2L * VALUE_BYTES);
    assertThat(offset(partition, OffsetSpec.latest())).isEqualTo(RECORDS);
  }

  private void fill(String topic) {
    var value = new byte[VALUE_BYTES];
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap());
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < RECORDS; i++) {
        var unused = producer.send(new ProducerRecord<>(topic, value));
      }
    }
  }

  private double movedBytes() throws Exception {
    double sum = 0;
    for (var node : nodes) {
      try (var pages = new AdminPages(node.admin())) {
        sum += pages.metric("tidelog_log_moved_bytes_total");
      }
    }
    return sum;
  }

  @Test
  void aPartitionMovesWhileItsLeadersDie() throws Exception {
    try (var load = IdempotentLoad.start(bootstrap(), NODES)) {
      load.awaitAcknowledged(20_000);
      for (var node : nodes) {
        var goal = rotated(FIRST, 1);
        begin(Map.of(FIRST, goal));
        node.kill();
        load.awaitAcknowledged(2_000);
        node.start();
        awaitThere(Map.of(FIRST, goal));
        load.awaitAcknowledged(2_000);
      }
      load.finish();
      load.checkNothingIsLostDoubledOrReordered();
    }
  }

  /** The group's coordinator goes with the partition that its offsets are in. */
  @Test
  void aGroupKeepsItsOffsetsWhenTheirPartitionMoves() throws Exception {
    admin.createTopics(List.of(new NewTopic("read", 1, (short) NODES))).all().get();
    var read = new TopicPartition("read", 0);
    commit(read, 1);
    var offsets =
        new TopicPartition(
            "__consumer_offsets", Math.floorMod("readers".hashCode(), OFFSETS_PARTITIONS));
    for (int round = 2; round <= 5; round++) {
      move(Map.of(offsets, rotated(offsets, 1)));
      assertThat(committed(read)).isEqualTo(round - 1);
      commit(read, round);
      assertThat(committed(read)).isEqualTo(round);
    }
  }

  private void commit(TopicPartition partition, long offset) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                admin
                    .alterConsumerGroupOffsets(
                        "readers", Map.of(partition, new OffsetAndMetadata(offset)))
                    .all()
                    .get());
  }

  private long committed(TopicPartition partition) throws Exception {
    return admin
        .listConsumerGroupOffsets("readers")
        .partitionsToOffsetAndMetadata()
        .get()
        .get(partition)
        .offset();
  }

  private void move(Map<TopicPartition, List<Integer>> goals) throws Exception {
    begin(goals);
    awaitThere(goals);
  }

  private void begin(Map<TopicPartition, List<Integer>> goals) throws Exception {
    var wishes =
        goals.entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey,
                    goal -> Optional.of(new NewPartitionReassignment(goal.getValue()))));
    admin.alterPartitionReassignments(wishes).all().get();
  }

  private void awaitThere(Map<TopicPartition, List<Integer>> goals) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              assertThat(admin.listPartitionReassignments().reassignments().get()).isEmpty();
              for (var goal : goals.entrySet()) {
                var replicas = replicas(goal.getKey());
                assertThat(replicas).hasSameElementsAs(goal.getValue());
                assertThat(replicas.getFirst()).isEqualTo(goal.getValue().getFirst());
              }
            });
  }

  /** The replicas a partition has, another one first. */
  private List<Integer> rotated(TopicPartition partition, int by) throws Exception {
    var replicas = replicas(partition);
    return IntStream.range(0, replicas.size())
        .mapToObj(i -> replicas.get((i + by) % replicas.size()))
        .toList();
  }

  private List<Integer> replicas(TopicPartition partition) throws Exception {
    return admin
        .describeTopics(List.of(partition.topic()))
        .allTopicNames()
        .get()
        .get(partition.topic())
        .partitions()
        .get(partition.partition())
        .replicas()
        .stream()
        .map(Node::id)
        .toList();
  }

  private long earliestLocal(TopicPartition partition) throws Exception {
    return offset(partition, OffsetSpec.earliestLocal());
  }

  private long offset(TopicPartition partition, OffsetSpec spec) throws Exception {
    return admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get().offset();
  }

  private String bootstrap() {
    return nodes.stream().map(ChildNode::bootstrap).collect(Collectors.joining(","));
  }
}
