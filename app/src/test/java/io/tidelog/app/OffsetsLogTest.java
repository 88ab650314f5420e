package io.tidelog.app;

import static io.tidelog.app.TestTopic.PATIENCE;
import static io.tidelog.app.TestTopic.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The internal partition that remembers where groups are: in whichever tier, and how large. */
class OffsetsLogTest {

  private static final int GROUPS = 40;
  private static final int PARTITIONS = 50;

  /** Two groups' records, 64 KiB of those of former commits, and what one step leaves over. */
  private static final long BOUND_RECORDS = 3_000;

  @TempDir Path data;

  @Test
  void groupsAreStillThereWhenTheirOffsetsAreOnlyInTheColdTier() throws Exception {
    var settings =
        Map.of(
            "offsets.topic.num.partitions", "1",
            "tidelog.segment.bytes", "1048576",
            "tidelog.local.max.bytes", "4194304",
            "tidelog.segment.ms", "200");
    try (var node = new RunningNode(data, settings);
        var admin = node.adminClient();
        var producer = node.producer(Map.of("linger.ms", 2, "batch.size", 65_536))) {
      create(admin);
      for (int group = 0; group < GROUPS; group++) {
        commit(admin, "group-" + group, group);
      }
      var filler = TestTopic.create(admin, "filler", Map.of());
      var internal = new TestTopic(admin, "__consumer_offsets");
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                filler.produce(producer, values("x".repeat(10_000), 100));
                return internal.offset(OffsetSpec.earliestLocal()) == internal.latest();
              });
      assertThat(internal.latest()).isGreaterThanOrEqualTo(GROUPS * (long) PARTITIONS);
      assertThat(internal.earliest()).isZero();
    }
    for (int life = 0; life < 2; life++) {
      try (var node = new RunningNode(data, settings);
          var admin = node.adminClient()) {
        for (int group = 0; group < GROUPS; group++) {
          assertCommitted(admin, "group-" + group, group);
        }
        commit(admin, "group-0", 0);
      }
    }
  }

  @Test
  void theInternalPartitionStaysSmallHoweverOftenGroupsCommit() throws Exception {
    var settings =
        Map.of("offsets.topic.num.partitions", "1", "tidelog.offsets.garbage.bytes", "65536");
    try (var node = new RunningNode(data, settings);
        var admin = node.adminClient()) {
      create(admin);
      commit(admin, "idle", 7);
      var internal = new TestTopic(admin, "__consumer_offsets");
      long largest = 0;
      for (int round = 1; round <= 400; round++) {
        commit(admin, "busy", round);
        if (round % 10 == 0) {
          largest = Math.max(largest, keptRecords(internal));
        }
      }
      assertThat(internal.latest()).isGreaterThan(400 * PARTITIONS);
      assertThat(largest).isBetween(1L, BOUND_RECORDS);
      assertCommitted(admin, "busy", 400);
    }
    try (var node = new RunningNode(data, settings);
        var admin = node.adminClient()) {
      assertCommitted(admin, "busy", 400);
      assertCommitted(admin, "idle", 7);
      assertThat(keptRecords(new TestTopic(admin, "__consumer_offsets")))
          .isBetween(1L, BOUND_RECORDS);
    }
  }

  private static void create(Admin admin) throws Exception {
    admin
        .createTopics(List.of(new NewTopic("lines", Optional.of(PARTITIONS), Optional.empty())))
        .all()
        .get();
  }

  private static void commit(Admin admin, String group, long base) throws Exception {
    var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
    for (int i = 0; i < PARTITIONS; i++) {
      offsets.put(new TopicPartition("lines", i), new OffsetAndMetadata(base * 1_000 + i));
    }
    admin.alterConsumerGroupOffsets(group, offsets).all().get();
  }

  private static void assertCommitted(Admin admin, String group, long base) throws Exception {
    var offsets = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    assertThat(offsets).as(group).hasSize(PARTITIONS);
    assertThat(IntStream.range(0, PARTITIONS))
        .allSatisfy(
            i ->
                assertThat(offsets.get(new TopicPartition("lines", i)).offset())
                    .isEqualTo(base * 1_000 + i));
  }

  private static long keptRecords(TestTopic internal) throws Exception {
    return internal.latest() - internal.earliest();
  }
}
