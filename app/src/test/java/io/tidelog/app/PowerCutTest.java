package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.testkit.disk.CrashableDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Power cuts and {@code kill -9} at random moments under an idempotent load with offloading. At a
 * cut clients hear no more of the node first, then its disk stops, amid writes and syncs: what was
 * acknowledged must be on it.
 */
@Tag("mounts")
class PowerCutTest {

  private static final int CUTS = Integer.getInteger("tidelog.crash.cuts", 30);
  private static final int KILLS = Integer.getInteger("tidelog.crash.kills.between", 30);
  private static final int MAX_ACKS_BETWEEN_CRASHES = 3_000;
  private static final long DISK_BYTES = 2L << 30;

  private static final TopicPartition LINES = new TopicPartition("lines", 0);

  private enum Crash {
    POWER_CUT,
    KILL
  }

  @TempDir Path folder;

  @Test
  void aPowerCutLosesDoublesOrReordersNothingAcknowledged() throws Exception {
    long seed = Long.getLong("tidelog.seed", System.nanoTime());
    System.out.println("PowerCutTest seed " + seed);
    var random = new Random(seed);
    try (var disk = CrashableDisk.create(folder, DISK_BYTES);
        var gate = new NodeGate();
        var node = new ChildNode(folder, disk.folder().resolve("node"), behind(gate))) {
      node.start();
      gate.open(node.port());
      try (var load = IdempotentLoad.start(gate.bootstrap())) {
        for (var crash : crashes(random)) {
          load.leaveWitness();
          load.awaitAcknowledged(1 + random.nextInt(MAX_ACKS_BETWEEN_CRASHES));
          if (crash == Crash.POWER_CUT) {
            gate.shut();
            disk.cutPower();
            node.kill();
            disk.restore();
          } else {
            node.kill();
          }
          node.start();
          gate.open(node.port());
          load.checkWitness();
        }
        load.finish();
        load.checkNothingIsLostDoubledOrReordered();
        new ColdObjects(disk.folder().resolve("node").resolve("objects")).awaitNoOrphan();
      }
    }
  }

  private static Map<String, String> behind(NodeGate gate) {
    var settings = new HashMap<>(IdempotentLoad.SETTINGS);
    settings.put("advertised.listeners", "PLAINTEXT://" + gate.bootstrap());
    return settings;
  }

  /** The control: if this loses nothing, the cuts above take nothing away. */
  @Test
  void aPowerCutTakesAcknowledgedRecordsFromANodeThatIsToldNotToWaitForTheDisk() throws Exception {
    var relaxed =
        Map.of("tidelog.durability", "replicated", "tidelog.lazy.sync.interval.ms", "600000");
    try (var disk = CrashableDisk.create(folder, DISK_BYTES);
        var node = new ChildNode(folder, disk.folder().resolve("node"), relaxed)) {
      node.start();
      produce(node, 100);
      node.kill();
      node.start();
      assertThat(endOffset(node)).isEqualTo(100);
      produce(node, 1_000);
      disk.cutPower();
      node.kill();
      disk.restore();
      node.start();
      assertThat(endOffset(node)).isLessThan(1_100);
    }
  }

  private static void produce(ChildNode node, int count) throws Exception {
    try (var producer =
        new KafkaProducer<>(clientOf(node), new StringSerializer(), new StringSerializer())) {
      var sent = new ArrayList<Future<RecordMetadata>>();
      for (int i = 0; i < count; i++) {
        sent.add(producer.send(new ProducerRecord<>(LINES.topic(), LINES.partition(), null, "x")));
      }
      for (var acknowledged : sent) {
        acknowledged.get();
      }
    }
  }

  private static long endOffset(ChildNode node) {
    try (var consumer =
        new KafkaConsumer<>(clientOf(node), new StringDeserializer(), new StringDeserializer())) {
      return consumer.endOffsets(List.of(LINES)).get(LINES);
    }
  }

  private static Map<String, Object> clientOf(ChildNode node) {
    return Map.of("bootstrap.servers", node.bootstrap());
  }

  private static List<Crash> crashes(Random random) {
    var crashes = new ArrayList<>(Collections.nCopies(CUTS, Crash.POWER_CUT));
    crashes.addAll(Collections.nCopies(KILLS, Crash.KILL));
    Collections.shuffle(crashes, random);
    return crashes;
  }
}
