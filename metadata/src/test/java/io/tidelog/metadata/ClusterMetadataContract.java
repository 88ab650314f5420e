package io.tidelog.metadata;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.LedLogs;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.Handovers;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NewTopic;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.PartitionHomes.Move;
import io.tidelog.metadata.api.TopicAdmin;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.metadata.node.NodeIds;
import io.tidelog.metadata.node.NodeWish;
import io.tidelog.metadata.topic.MemoryHost;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whole nodes on one store, with replicas that keep nothing but the names of partitions. */
public abstract class ClusterMetadataContract {

  private static final Map<String, String> FILE =
      Map.of(
          "default.replication.factor", "3",
          "min.insync.replicas", "2",
          "broker.session.timeout.ms", "1500",
          "broker.heartbeat.interval.ms", "200",
          "tidelog.metadata.reconcile.interval.ms", "500",
          "tidelog.metadata.compaction.interval.ms", "200");

  /** What is in each log, whoever leads it: its replicas are all alike. */
  private final Map<LogId, MemoryHost> contents = new ConcurrentHashMap<>();

  private final List<Node> nodes = new ArrayList<>();

  /** One node's way to the store that all share; closed when the test is over. */
  protected abstract MetadataStore connect();

  @BeforeEach
  void startNodes() {
    for (int i = 0; i < 3; i++) {
      nodes.add(new Node(true, i));
    }
    nodes.add(new Node(false, 3));
    var gateway = nodes.getLast();
    Waiting.until(gateway.lane, "all there", () -> gateway.image().registrations().size() == 4);
  }

  @AfterEach
  void stopNodes() {
    nodes.forEach(node -> node.lane.kill());
    nodes.forEach(node -> node.store.close());
    nodes.forEach(node -> node.lane.close());
  }

  @Test
  void clientsSeeGatewaysAndTopicsSeeHotNodes() {
    var gateway = nodes.getLast();
    assertThat(gateway.image().nodes()).hasSize(1);
    assertThat(gateway.image().nodeId()).isEqualTo(gateway.self.id());
    var topic = create(gateway, "orders", 12);
    var hot = nodes.subList(0, 3).stream().map(node -> node.self.id()).toList();
    for (int i = 0; i < 12; i++) {
      assertThat(gateway.image().place(topic, i).replicas()).hasSameElementsAs(hot);
    }
    Waiting.until(
        gateway.lane,
        "each is led",
        () -> gateway.image().logs().stream().allMatch(log -> hot.contains(log.leader())));
    Waiting.until(gateway.lane, "each is open", () -> open().equals(all(topic)));
  }

  @Test
  void aTopicOutlivesItsLeadersAndIsLedElsewhere() {
    var gateway = nodes.getLast();
    var kept = create(gateway, "kept", 12);
    var gone = create(gateway, "gone", 12);
    Waiting.until(gateway.lane, "open", () -> open().size() == 24);
    var dead = nodes.getFirst();
    int deadId = dead.self.id();
    dead.lane.kill();
    result(gateway.topics.delete(gone.id()));
    var late = create(gateway, "late", 12);
    Waiting.until(
        gateway.lane,
        "others lead",
        () -> gateway.image().logs().stream().noneMatch(log -> log.leader() == deadId));
    var expected = all(kept);
    expected.addAll(all(late));
    Waiting.until(gateway.lane, "as wanted", () -> open().equals(expected));
    for (int i = 0; i < 12; i++) {
      assertThat(gateway.image().place(kept, i).offline()).containsExactly(deadId);
    }
  }

  @Test
  void everyNodeSeesWhichPartitionsMove() {
    var gateway = nodes.getLast();
    var topic = create(gateway, "orders", 12);
    var homes = topic.homes();
    var moves = new TreeMap<>(Map.of(0, new Move(homes.home(11), Move.BEGINS)));
    var moving = topic.withHomes(homes.withMoves(moves));
    result(
        gateway.store.txn(
            Txn.when().put(Keys.topic("orders"), StoredValues.topic(moving)).build()));
    for (var node : nodes) {
      Waiting.until(
          node.lane,
          "the move",
          () ->
              node.metadata.moves().all().stream()
                  .anyMatch(move -> move.partition().equals(topic.partition(0))));
    }
  }

  @Test
  void aNodeThatLeavesIsGoneAtOnce() {
    var leaving = nodes.get(1);
    var gateway = nodes.getLast();
    result(leaving.metadata.leave());
    Waiting.until(
        gateway.lane, "gone", () -> gateway.image().registration(leaving.self.id()) == null);
  }

  @Test
  void theStoreForgetsWhatWasSupersededAWhileAgo() {
    var first = createTopic("first");
    createTopic("second");
    awaitForgotten(first.modRevision());
  }

  /** A topic, made by a node that goes on living. */
  protected final TopicImage createTopic(String name) {
    return create(nodes.getLast(), name, 1);
  }

  /** Returns when the store cannot tell any more what it held at {@code revision}. */
  protected final void awaitForgotten(long revision) {
    var node = nodes.getLast();
    Waiting.until(node.lane, "forgotten", () -> isForgotten(node.store, revision));
  }

  private static boolean isForgotten(MetadataStore store, long revision) {
    try {
      result(store.range(Keys.CONTROLLER, MetadataStore.NO_LIMIT, revision));
      return false;
    } catch (Fault.Refused refused) {
      return refused.refusal() == Refusal.OFFSET_OUT_OF_RANGE;
    }
  }

  private TopicImage create(Node node, String name, int partitions) {
    return result(
        node.topics.create(
            new NewTopic(name, partitions, NewTopic.DEFAULT, null, Map.of()), false));
  }

  private static Set<PartitionId> all(TopicImage topic) {
    Set<PartitionId> ids = new HashSet<>();
    for (int i = 0; i < topic.partitionCount(); i++) {
      ids.add(topic.partition(i));
    }
    return ids;
  }

  private Set<PartitionId> open() {
    Set<PartitionId> ids = new HashSet<>();
    contents.values().forEach(host -> ids.addAll(host.partitions()));
    return ids;
  }

  private final class Node implements LedLogs {

    private final LaneThread lane = new LaneThread();
    private final MetadataStore store = connect();
    private final Map<LogId, LedLog> led = new ConcurrentHashMap<>();
    private final ClusterMetadata metadata;
    private final NodeRegistration self;
    private final TopicAdmin topics;
    private @Nullable Listener listener;

    Node(boolean hot, int number) {
      var random = new Random(number);
      var clock = new WallClock();
      var identity =
          result(
              new NodeIds(store, lane, random)
                  .identify(new NodeWish(-1, hot, null, "node-" + number)));
      metadata =
          new ClusterMetadata(
              new ClusterMetadata.Parts(store, FILE, clock, lane, random, name -> Optional.empty()),
              identity);
      result(metadata.load());
      var at = new Endpoint("node-" + number, 9092);
      self =
          new NodeRegistration(
              identity.nodeId(),
              hot ? Set.of(NodeRole.HOT) : Set.of(NodeRole.GATEWAY),
              hot ? null : at,
              at,
              hot ? at : null,
              "rack-" + number,
              new UUID(number, 1),
              identity.diskId(),
              false);
      result(metadata.join(self));
      topics = result(metadata.serve(this, Handovers.bySwap(metadata.registry())));
      metadata.registry().onChange(this::onRecord);
      metadata.images().onChange(image -> metadata.registry().all().forEach(this::elect));
    }

    ClusterImage image() {
      return metadata.images().current();
    }

    private ReplicaId replica() {
      return new ReplicaId(self.id(), self.disk() == null ? new UUID(0, 0) : self.disk());
    }

    /** The preferred leader begins; the first other in-sync node follows a dead leader. */
    private void elect(LogRecord log) {
      boolean vacant = log.leader() == LogRecord.NO_LEADER;
      boolean dead = !vacant && image().registration(log.leader()) == null;
      var next =
          log.inSync().stream()
              .map(ReplicaId::nodeId)
              .filter(id -> vacant || id != log.leader())
              .filter(id -> image().registration(id) != null)
              .findFirst();
      if ((vacant || dead) && next.equals(Optional.of(self.id()))) {
        metadata.registry().propose(log.takenOverBy(replica(), log.term() + 1));
      }
    }

    private void onRecord(LogRecord log) {
      elect(log);
      var told = listener;
      if (told == null) {
        return;
      }
      var known = led.get(log.id());
      if (log.leader() == self.id() && (known == null || known.term() < log.term())) {
        var host = contents.computeIfAbsent(log.id(), id -> new MemoryHost());
        var now = new LedLog(log.id(), log.term(), log.modRevision(), host);
        led.put(log.id(), now);
        told.onBegan(now);
      } else if (log.leader() != self.id() && known != null) {
        led.remove(log.id());
        told.onEnded(log.id(), known.term());
      }
    }

    @Override
    public Collection<LedLog> led() {
      return led.values();
    }

    @Override
    public void onChange(Listener told) {
      listener = told;
    }
  }
}
