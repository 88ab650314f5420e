package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.testkit.disk.CrashableDisk;
import io.tidelog.testkit.etcd.EtcdServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose disk fails says so, although it may lead nothing. */
@Tag("mounts")
class FollowerHealthTest {

  private static final long DISK_BYTES = 512L << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void aCopyThatCannotBeWrittenIsSeenInHealthAndMetrics() throws Exception {
    try (var etcd = EtcdServer.start(Files.createDirectories(folder.resolve("etcd")));
        var disk =
            CrashableDisk.create(Files.createDirectories(folder.resolve("disk")), DISK_BYTES);
        var sound = node(etcd, 1, folder.resolve("node-1").resolve("data"));
        var failing = node(etcd, 2, disk.folder().resolve("node"));
        var pages = new AdminPages(failing.admin())) {
      List.of(sound, failing).parallelStream().forEach(ChildNode::start);
      try (var admin = Admin.create(Map.of("bootstrap.servers", sound.bootstrap()));
          var producer =
              new KafkaProducer<>(
                  Map.of("bootstrap.servers", sound.bootstrap()),
                  new ByteArraySerializer(),
                  new ByteArraySerializer())) {
        await().atMost(PATIENCE).until(() -> admin.describeCluster().nodes().get().size() == 2);
        admin.createTopics(List.of(new NewTopic("orders", 4, (short) 2))).all().get();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> isEachInSync(admin));
        assertThat(pages.get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(pages.metric("tidelog_log_copies")).isPositive();
        assertThat(pages.metric("tidelog_log_copies_broken")).isZero();
        disk.cutPower();
        await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  send(producer, 9);
                  // Every copy: one that was led, and one that was not.
                  return pages.metric("tidelog_log_copies_broken")
                      == pages.metric("tidelog_log_copies");
                });
        var ready = pages.get("/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).contains("stopped until a restart");
      }
    }
  }

  private static void send(KafkaProducer<byte[], byte[]> producer, int bytes) {
    for (int partition = 0; partition < 4; partition++) {
      var unused = producer.send(new ProducerRecord<>("orders", partition, null, new byte[bytes]));
    }
  }

  private static boolean isEachInSync(Admin admin) throws Exception {
    return admin
        .describeTopics(List.of("orders"))
        .allTopicNames()
        .get()
        .get("orders")
        .partitions()
        .stream()
        .allMatch(partition -> partition.isr().size() == 2);
  }

  private ChildNode node(EtcdServer etcd, int id, Path data) throws IOException {
    return new ChildNode(
        folder.resolve("node-" + id),
        data,
        Map.ofEntries(
            Map.entry("tidelog.etcd.endpoints", etcd.endpoint()),
            Map.entry("node.id", Integer.toString(id)),
            Map.entry("tidelog.replication.port", "0"),
            Map.entry("tidelog.internal.port", "0"),
            Map.entry("tidelog.object.store", "file:" + folder.resolve("objects")),
            Map.entry("tidelog.segment.bytes", "1048576"),
            Map.entry("tidelog.local.max.bytes", "16777216"),
            Map.entry("default.replication.factor", "2"),
            Map.entry("min.insync.replicas", "1")));
  }
}
