package io.tidelog.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.core.log.Acks;
import io.tidelog.core.log.AppendRequest;
import io.tidelog.gateway.fake.Batches;
import io.tidelog.metadata.api.TopicImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Unmodified tools and groups work through gateways, whichever node they have to do with. */
@ExtendWith(LeakCheck.class)
class ForwardedAdminTest {

  private ForwardingCluster cluster;
  private TopicImage topic;
  private Admin admin;

  @BeforeEach
  void start() throws Exception {
    cluster = new ForwardingCluster(Map.of());
    cluster.addHot(1);
    cluster.addHot(2);
    cluster.addHot(3);
    cluster.addGateway(10, "a");
    cluster.addGateway(11, "b");
    topic = cluster.addTopic("orders", 1, 2, 3, 1);
    cluster.addOffsets(1, 2, 3, 1, 2);
    admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap(10)));
  }

  @AfterEach
  void stop() {
    admin.close();
    cluster.close();
    assertThat(cluster.log.openBytes()).isZero();
  }

  @Test
  void gatewaysAreTheBrokersAndReplicasAreTheRealOnes() throws Exception {
    assertThat(get(admin.describeCluster().nodes()))
        .extracting(Node::id)
        .containsExactlyInAnyOrder(10, 11);
    assertThat(get(admin.describeCluster().controller()).id()).isIn(10, 11);
    var described = get(admin.describeTopics(List.of("orders")).allTopicNames()).get("orders");
    for (var partition : described.partitions()) {
      assertThat(partition.leader().id()).isIn(10, 11);
      assertThat(partition.replicas()).extracting(Node::id).allMatch(id -> id <= 3);
      assertThat(partition.isr()).isEqualTo(partition.replicas());
    }

    cluster.picture.lead("orders", 0, -1);
    described = get(admin.describeTopics(List.of("orders")).allTopicNames()).get("orders");
    assertThat(described.partitions().get(0).leader()).isNull();
    assertThat(described.partitions().get(1).leader()).isNotNull();
  }

  @Test
  void everyGatewayTellsTheSameAndAClientOfItsZone() {
    for (var zone : List.of("a", "b", "elsewhere")) {
      var seen = new HashSet<List<Integer>>();
      for (int gateway = 10; gateway <= 11; gateway++) {
        var config =
            Map.<String, Object>of(
                "bootstrap.servers", cluster.bootstrap(gateway), "client.id", "test,zone=" + zone);
        try (var consumer =
            new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
          seen.add(
              consumer.partitionsFor("orders").stream()
                  .map(partition -> partition.leader().id())
                  .toList());
        }
      }
      assertThat(seen).as(zone).hasSize(1);
      var leaders = Set.copyOf(seen.iterator().next());
      switch (zone) {
        case "a" -> assertThat(leaders).containsExactly(10);
        case "b" -> assertThat(leaders).containsExactly(11);
        default -> assertThat(leaders).isSubsetOf(10, 11);
      }
    }
  }

  @Test
  void offsetsAreFoundWhereverTheyAre() throws Exception {
    for (int i = 0; i < 40; i++) {
      append(i % 4, 1_000 + i);
    }
    assertThat(offsets(OffsetSpec.latest())).containsExactly(10L, 10L, 10L, 10L);
    assertThat(offsets(OffsetSpec.earliest())).containsExactly(0L, 0L, 0L, 0L);
    assertThat(offsets(OffsetSpec.forTimestamp(1_021))).containsExactly(6L, 5L, 5L, 5L);
    assertThat(offsets(OffsetSpec.maxTimestamp())).containsExactly(9L, 9L, 9L, 9L);

    var deleted =
        admin.deleteRecords(
            Map.of(
                new TopicPartition("orders", 1), RecordsToDelete.beforeOffset(4),
                new TopicPartition("orders", 2), RecordsToDelete.beforeOffset(7)));
    get(deleted.all());
    assertThat(offsets(OffsetSpec.earliest())).containsExactly(0L, 4L, 7L, 0L);
  }

  @Test
  void offsetsByTimeAreSearchedInTheColdTierByTheGateway() throws Exception {
    for (int i = 0; i < 40; i++) {
      append(i % 4, 1_000 + i);
    }
    cluster.log.offload(topic.partition(1), 5);
    cluster.log.offload(topic.partition(2), 8);
    assertThat(offsets(OffsetSpec.forTimestamp(1_010))).containsExactly(3L, 3L, 2L, 2L);
    assertThat(cluster.cold.reads()).isEqualTo(2);

    cluster.log.findNothingCold(topic.partition(2));
    assertThat(offsets(OffsetSpec.forTimestamp(1_010))).containsExactly(3L, 3L, 8L, 2L);
    assertThat(offsets(OffsetSpec.forTimestamp(1_030))).containsExactly(8L, 8L, 8L, 7L);
  }

  @Test
  void questionsAreHeldWhileNobodyLeads() throws Exception {
    append(0, 1);
    cluster.picture.lead("orders", 0, -1);
    var asked =
        admin.listOffsets(Map.of(new TopicPartition("orders", 0), OffsetSpec.latest())).all();
    await()
        .until(() -> cluster.gateway(10).requestBytes() + cluster.gateway(11).requestBytes() > 0);
    assertThat(asked.isDone()).isFalse();

    cluster.lead(topic, 0, 2);
    assertThat(get(asked).get(new TopicPartition("orders", 0)).offset()).isEqualTo(1);
  }

  @Test
  void producersOfAllNodesAreDescribed() throws Exception {
    var partitions = new ArrayList<TopicPartition>();
    for (int i = 0; i < 4; i++) {
      partitions.add(new TopicPartition("orders", i));
    }
    assertThat(get(admin.describeProducers(partitions).all())).hasSize(4);
  }

  @Test
  void eachNodesFolderIsToldOnce() throws Exception {
    append(0, 1);
    var told = get(admin.describeLogDirs(List.of(10, 11)).allDescriptions());
    var folders = new ArrayList<String>();
    told.values().forEach(ofBroker -> folders.addAll(ofBroker.keySet()));
    assertThat(folders)
        .containsExactlyInAnyOrder("node-1:/data/1", "node-2:/data/2", "node-3:/data/3");
  }

  @Test
  void groupsAreCommittedListedDescribedAndDeletedWhoeverCoordinatesThem() throws Exception {
    var groups = new TreeSet<String>();
    for (int i = 0; i < 20; i++) {
      groups.add("group-" + i);
    }
    long offset = 0;
    for (var group : groups) {
      get(
          admin
              .alterConsumerGroupOffsets(
                  group, Map.of(new TopicPartition("orders", 0), new OffsetAndMetadata(offset++)))
              .all());
    }
    offset = 0;
    for (var group : groups) {
      var committed =
          get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(group));
      assertThat(committed.get(new TopicPartition("orders", 0)).offset()).isEqualTo(offset++);
    }
    assertThat(get(admin.listGroups().all()))
        .extracting(listing -> listing.groupId())
        .containsExactlyInAnyOrderElementsOf(groups);
    assertThat(get(admin.describeClassicGroups(groups).all())).hasSize(20);

    get(admin.deleteConsumerGroups(List.of("group-3", "group-4", "group-5")).all());
    assertThat(get(admin.listGroups().all())).hasSize(17);
  }

  @Test
  void aGroupGoesOnWhenAnotherNodeCoordinatesIt() throws Exception {
    for (int i = 0; i < 40; i++) {
      append(i % 4, i);
    }
    var config = new HashMap<String, Object>();
    config.put("bootstrap.servers", cluster.bootstrap(11));
    config.put("group.id", "readers");
    config.put("client.id", "reader");
    config.put("auto.offset.reset", "earliest");
    config.put("heartbeat.interval.ms", "50");
    try (var consumer =
        new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of("orders"));
      int read = 0;
      while (read < 40) {
        read += consumer.poll(Duration.ofSeconds(1)).count();
      }
      consumer.commitSync();
      for (int node = 1; node <= 3; node++) {
        for (int partition = 0; partition < 5; partition++) {
          cluster.coordinate(partition, node);
        }
        append(2, 100 + node);
        while (read < 40 + node) {
          read += consumer.poll(Duration.ofSeconds(1)).count();
        }
        consumer.commitSync(Duration.ofSeconds(10));
      }
      var committed = consumer.committed(Set.of(new TopicPartition("orders", 2)));
      assertThat(committed.get(new TopicPartition("orders", 2)).offset()).isEqualTo(13);
    }
    assertThat(cluster.groups.askedBy()).containsOnly("reader 127.0.0.1");
  }

  private void append(int partition, long timestampMs) {
    int leader = topicLeader(partition);
    long before = cluster.log.snapshot(leader, topic.partition(partition)).logEndOffset();
    cluster
        .hot(leader)
        .log
        .append(
            List.of(
                new AppendRequest(
                    topic.partition(partition),
                    Batches.of(timestampMs, "value"),
                    Acks.ALL,
                    AppendRequest.ANY_OFFSET,
                    _ -> {})));
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> cluster.log.snapshot(leader, topic.partition(partition)).logEndOffset() > before);
  }

  private int topicLeader(int partition) {
    for (int node = 1; node <= 3; node++) {
      if (cluster.log.snapshot(node, topic.partition(partition)) != null) {
        return node;
      }
    }
    throw new IllegalStateException("nobody leads");
  }

  private List<Long> offsets(OffsetSpec spec) throws Exception {
    var wanted = new HashMap<TopicPartition, OffsetSpec>();
    for (int i = 0; i < 4; i++) {
      wanted.put(new TopicPartition("orders", i), spec);
    }
    var found = get(admin.listOffsets(wanted).all());
    var offsets = new ArrayList<Long>();
    for (int i = 0; i < 4; i++) {
      offsets.add(found.get(new TopicPartition("orders", i)).offset());
    }
    return offsets;
  }

  private static <T> T get(KafkaFuture<T> future) throws Exception {
    return future.get(15, TimeUnit.SECONDS);
  }
}
