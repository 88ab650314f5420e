package io.tidelog.metadata.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.PartitionHomes.Move;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.testkit.FormatSamples;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is in etcd is read by the versions next to the one that put it there. */
class StoredSamplesTest {

  private static final LogId A = new LogId(new UUID(1, 1));
  private static final LogId B = new LogId(new UUID(1, 2));
  private static final ReplicaId ONE = new ReplicaId(1, new UUID(3, 1));
  private static final ReplicaId TWO = new ReplicaId(2, new UUID(3, 2));
  private static final long REVISION = 9;
  private static final TopicDefaults DEFAULTS = TopicDefaults.of(Map.of());

  private static final LogRecord LOG =
      new LogRecord(A, List.of(1, 2, 3), 2, List.of(ONE), List.of(TWO), 1, 17, REVISION);

  private static final NodeRegistration HOT =
      new NodeRegistration(
          1,
          Set.of(NodeRole.GATEWAY, NodeRole.HOT),
          new Endpoint("client.example", 9092),
          new Endpoint("internal.example", 9093),
          new Endpoint("replication.example", 9094),
          "eu-1a",
          new UUID(4, 1),
          new UUID(3, 1),
          false);

  private static final NodeRegistration GATEWAY =
      new NodeRegistration(
          5,
          Set.of(NodeRole.GATEWAY),
          new Endpoint("10.0.0.5", 9092),
          new Endpoint("10.0.0.5", 9093),
          null,
          null,
          new UUID(4, 5),
          null,
          false);

  private static final StoredValues.Cluster CLUSTER = new StoredValues.Cluster("cluster", 2, 7);
  private static final StoredValues.Controller CONTROLLER =
      new StoredValues.Controller(1, new UUID(4, 1));
  private static final Map<String, String> CONFIGS = Map.of("log.retention.ms", "5000");

  @Test
  void valuesAreWrittenAndReadAsEver() throws Exception {
    var now = new LinkedHashMap<String, byte[]>();
    now.put("topic", StoredValues.topic(topic()));
    now.put("log", StoredValues.log(LOG));
    now.put("node-hot", StoredValues.node(HOT));
    now.put("node-gateway", StoredValues.node(GATEWAY));
    now.put("configs", StoredValues.configs(CONFIGS));
    now.put("cluster", StoredValues.cluster(CLUSTER));
    now.put("controller", StoredValues.controller(CONTROLLER));
    now.put("reassignment", StoredValues.reassignment(List.of(3, 1)));
    now.put("placement", StoredValues.placement(List.of(1, 2, 3)));
    now.put("number", StoredValues.number(1L << 40));

    var kept = FormatSamples.kept("metadata-keys-2", now);

    assertThat(now).containsExactlyEntriesOf(kept);
    assertThat(StoredValues.topic(entry(Keys.TOPICS + "t", kept.get("topic")), DEFAULTS))
        .isEqualTo(topic());
    assertThat(StoredValues.log(entry(Keys.log(A), kept.get("log")))).isEqualTo(LOG);
    assertThat(StoredValues.node(entry("nodes/1", kept.get("node-hot")))).isEqualTo(HOT);
    assertThat(StoredValues.node(entry("nodes/5", kept.get("node-gateway")))).isEqualTo(GATEWAY);
    assertThat(StoredValues.configs(entry("c", kept.get("configs")))).isEqualTo(CONFIGS);
    assertThat(StoredValues.cluster(entry("c", kept.get("cluster")))).isEqualTo(CLUSTER);
    assertThat(StoredValues.controller(entry("c", kept.get("controller")))).isEqualTo(CONTROLLER);
    assertThat(StoredValues.reassignment(entry("r", kept.get("reassignment"))))
        .containsExactly(3, 1);
    assertThat(StoredValues.placement(entry("p", kept.get("placement")))).containsExactly(1, 2, 3);
    assertThat(StoredValues.number(entry("n", kept.get("number")))).isEqualTo(1L << 40);
  }

  private static TopicImage topic() {
    var moves = new TreeMap<>(Map.of(2, new Move(B, 8)));
    var homes = PartitionHomes.inOneLog(4, A).withHome(1, B, 3).withMoves(moves);
    var configs = Map.of("retention.ms", "7000", "delay.ms", "60000");
    return new TopicImage(
        "t", new UUID(7, 7), configs, false, homes, DEFAULTS.effective(configs), REVISION);
  }

  private static Entry entry(String key, byte[] value) {
    return new Entry(key, value, 3, REVISION, Entry.NO_LEASE);
  }
}
