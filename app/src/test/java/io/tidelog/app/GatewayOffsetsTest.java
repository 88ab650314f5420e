package io.tidelog.app;

import static io.tidelog.app.TestTopic.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.testkit.etcd.EtcdServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that leads nothing looks for a time in the cold tier by itself. */
class GatewayOffsetsTest {

  private static final long BASE_MS = 1_700_000_000_000L;
  private static final int RECORDS = 600;
  private static final String LOADED = "tidelog_cold_read_bytes_total";

  @TempDir Path folder;

  @Test
  void aTimeWhoseRecordIsInTheColdTierIsLookedForByTheGatewayAndNotByTheLeader() throws Exception {
    try (var etcd = EtcdServer.start(Files.createDirectories(folder.resolve("etcd")));
        var hot = node(etcd, 1, "hot");
        var gateway = node(etcd, 2, "gateway");
        var ofHot = new AdminPages(hot.admin());
        var ofGateway = new AdminPages(gateway.admin());
        var admin = gateway.adminClient()) {
      var topic = filled(gateway, admin);
      long before = ofHotLoads(ofHot);
      for (int wanted : new int[] {1, 77, 300}) {
        long timestampMs = BASE_MS + wanted * 10L - 5;
        assertThat(topic.offset(OffsetSpec.forTimestamp(timestampMs))).isEqualTo(wanted);
      }
      assertThat(topic.offset(OffsetSpec.forTimestamp(BASE_MS + (RECORDS - 1) * 10L)))
          .as("a record that only the leader has")
          .isEqualTo(RECORDS - 1);
      assertThat(topic.offset(OffsetSpec.forTimestamp(BASE_MS + RECORDS * 10L))).isEqualTo(-1);
      assertThat(ofGateway.metric(LOADED)).as("loaded by the gateway").isPositive();
      assertThat(ofHotLoads(ofHot)).as("loaded by the leader").isEqualTo(before);
    }
  }

  /** The first half of its records is no longer in the hot tier. */
  private static TestTopic filled(RunningNode gateway, Admin admin) throws Exception {
    var topic = TestTopic.create(admin, "times", Map.of("retention.ms", "-1"));
    var filler = "x".repeat(15_000);
    try (var producer = gateway.producer(Map.of("linger.ms", 20, "batch.size", 40_000))) {
      for (int i = 0; i < RECORDS; i++) {
        var unused =
            producer.send(new ProducerRecord<>("times", 0, BASE_MS + i * 10L, null, filler));
      }
      producer.flush();
    }
    await().atMost(PATIENCE).until(() -> topic.offset(OffsetSpec.earliestLocal()) > RECORDS / 2);
    return topic;
  }

  private static long ofHotLoads(AdminPages hot) throws Exception {
    return (long) hot.metric(LOADED);
  }

  private RunningNode node(EtcdServer etcd, int id, String roles) {
    var settings = new HashMap<>(IdempotentLoad.SETTINGS);
    settings.putAll(
        Map.of(
            "tidelog.etcd.endpoints", etcd.endpoint(),
            "node.id", Integer.toString(id),
            "process.roles", roles,
            "tidelog.replication.port", "0",
            "tidelog.internal.port", "0",
            "tidelog.object.store", "file:" + folder.resolve("objects"),
            "tidelog.cold.chunk.bytes", "65536",
            "default.replication.factor", "1",
            "min.insync.replicas", "1"));
    return new RunningNode(folder.resolve("node-" + id), settings);
  }
}
