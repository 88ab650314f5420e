package io.tidelog.metadata.controller;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.LaneThread;
import io.tidelog.metadata.Waiting;
import io.tidelog.metadata.WallClock;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.Handovers;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.PartitionHomes.Move;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.metadata.log.StoreLogRegistry;
import io.tidelog.metadata.node.NodeSession;
import io.tidelog.metadata.node.SessionLimits;
import io.tidelog.metadata.placement.HotNode;
import io.tidelog.metadata.placement.LogClass;
import io.tidelog.metadata.placement.LogPlanner;
import io.tidelog.metadata.placement.NewLogs;
import io.tidelog.metadata.store.embedded.EmbeddedMetadataStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControllerTest {

  private static final SessionLimits SESSION = new SessionLimits(900, 100);
  private static final ControllerLimits LIMITS =
      new ControllerLimits(2, 0, 4, 60_000_000_000L, true, 1_000_000, 600_000_000_000L, 0);
  private static final long RECONCILE_NS = 100_000_000;

  @TempDir private Path folder;

  private final List<Node> nodes = new ArrayList<>();
  private MetadataStore store;

  @BeforeEach
  void start() {
    store = EmbeddedMetadataStore.open(folder, new WallClock());
  }

  @AfterEach
  void stop() {
    nodes.forEach(Node::kill);
    store.close();
    nodes.forEach(node -> node.lane.close());
  }

  @Test
  void oneNodeIsTheControllerAndAnotherAfterItsDeath() {
    var first = new Node(1);
    Waiting.until(first.lane, "a controller", () -> first.view().controllerId() == 1);
    var second = new Node(2);
    Waiting.until(second.lane, "the same one", () -> second.view().controllerId() == 1);
    first.kill();
    Waiting.until(second.lane, "the other", () -> second.view().controllerId() == 2);
    assertThat(ClusterImage.NO_CONTROLLER).isNegative();
  }

  @Test
  void aControllerThatLostItsSeatChangesNothingAnyMore() {
    var first = new Node(1);
    Waiting.until(first.lane, "a controller", () -> first.view().controllerId() == 1);
    long taken = result(store.get(Keys.CONTROLLER)).createRevision();
    result(store.txn(Txn.when().delete(Keys.CONTROLLER).build()));
    var late =
        Txn.when(Txn.Compare.createdAt(Keys.CONTROLLER, taken)).put("logs-of-old", new byte[1]);
    assertThat(result(store.txn(late.build())).held()).isFalse();
    Waiting.until(
        first.lane,
        "elected anew",
        () -> {
          var seat = first.view().members().controller();
          return seat != null && seat.createRevision() > taken;
        });
  }

  @Test
  void aDrainedNodeIsEmptiedAndCanThenBeForgotten() {
    for (int id = 1; id <= 4; id++) {
      new Node(id);
    }
    var one = nodes.getFirst();
    Waiting.until(one.lane, "all are there", () -> one.view().registrations().size() == 4);
    var logClass = new LogClass(3, 2);
    var random = new Random(8);
    var logs =
        new LogPlanner(2)
            .plan(
                logClass,
                HotNode.of(one.view().registrations()),
                List.of(),
                () -> new LogId(new UUID(0, random.nextLong())),
                100);
    var made = NewLogs.of(one.view(), logClass, logs);
    result(store.txn(new Txn(made.compares(), made.puts(), List.of())));
    var admin = new NodeAdminService(store, one.images, one.lane);
    assertThatThrownBy(() -> result(admin.drain(9, true))).isInstanceOf(Fault.Refused.class);
    assertThatThrownBy(() -> result(admin.unregister(4)))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("is alive");
    result(admin.drain(4, true));
    Waiting.until(
        one.lane,
        "node 4 holds nothing",
        () ->
            one.view().logs().size() == 8
                && one.view().logs().stream()
                    .allMatch(
                        log ->
                            log.leader() != 4
                                && !log.replicas().contains(4)
                                && log.inSync().size() == 3));
    assertThat(one.view().registration(4).draining()).isTrue();
    nodes.getLast().kill();
    Waiting.until(one.lane, "node 4 is gone", () -> one.view().registration(4) == null);
    result(admin.unregister(4));
    Waiting.until(one.lane, "nothing is left", () -> one.view().members().drains().isEmpty());
    assertThatThrownBy(() -> result(admin.unregister(4)))
        .isInstanceOfSatisfying(
            Fault.Refused.class,
            refused -> assertThat(refused.refusal()).isEqualTo(Refusal.BROKER_ID_NOT_REGISTERED));
  }

  @Test
  void aMoveToALogThatIsGoneAndAPlacementThatNodesHaveChangedSinceAreTakenBack() {
    var home = new LogId(new UUID(1, 1));
    var moves = new TreeMap<>(Map.of(0, new Move(new LogId(new UUID(1, 2)), Move.BEGINS)));
    var topic =
        new TopicImage(
            "orders",
            new UUID(7, 7),
            Map.of(),
            false,
            PartitionHomes.inOneLog(2, home).withMoves(moves),
            TopicDefaults.of(Map.of()).effective(Map.of()),
            0);
    var log =
        new LogRecord(
            home,
            List.of(1),
            1,
            List.of(new ReplicaId(1, ModelCluster.disk(1))),
            List.of(),
            LogRecord.NO_LEADER,
            0,
            0);
    var both =
        Txn.when()
            .put(Keys.topic("orders"), StoredValues.topic(topic))
            .put(Keys.log(home), StoredValues.log(log))
            .put(Keys.placement(home), StoredValues.placement(List.of(1, 2)));
    result(store.txn(both.build()));

    var one = new Node(1);

    Waiting.until(
        one.lane,
        "both are taken back",
        () -> one.view().moving().isEmpty() && one.view().members().placements().isEmpty());
    assertThat(one.view().topic("orders").homes()).isEqualTo(PartitionHomes.inOneLog(2, home));
  }

  @Test
  void moreChangesThanFitIntoOneTransactionAreAllMade() {
    var one = new Node(1);
    new Node(2);
    Waiting.until(one.lane, "both are there", () -> one.view().registrations().size() == 2);
    int each = MetadataStore.MAX_TXN_OPS + 20;
    var random = new Random(8);
    var logs =
        new LogPlanner(each)
            .plan(
                new LogClass(2, 1),
                HotNode.of(one.view().registrations()),
                List.of(),
                () -> new LogId(new UUID(0, random.nextLong())),
                2 * each);
    for (var log : logs) {
      store.txn(Txn.when().put(Keys.log(log.id()), StoredValues.log(log)).build());
    }
    result(new NodeAdminService(store, one.images, one.lane).drain(1, true));
    Waiting.until(
        one.lane,
        "node 2 leads them all",
        () ->
            one.view().logs().size() == 2 * each
                && one.view().logs().stream()
                    .allMatch(log -> log.leader() == 2 && log.replicas().getFirst() == 2));
  }

  /** A node whose replicas do at once what they should. */
  private final class Node {

    private final int id;
    private final LaneThread lane = new LaneThread();
    private final ImageKeeper images;
    private final StoreLogRegistry registry;
    private final NodeSession session;
    private final Controller controller;

    Node(int id) {
      this.id = id;
      var clock = new WallClock();
      var empty = ClusterView.empty(id, TopicDefaults.of(Map.of()));
      images = new ImageKeeper(store, lane, clock, empty, RECONCILE_NS);
      registry = new StoreLogRegistry(store, lane, clock, RECONCILE_NS);
      var at = new Endpoint("node-" + id, 9092);
      var self =
          new NodeRegistration(
              id,
              Set.of(NodeRole.HOT),
              null,
              at,
              at,
              null,
              new UUID(id, 1),
              ModelCluster.disk(id),
              false);
      session = new NodeSession(store, lane, clock, SESSION, self);
      var random = new Random(id);
      var machine = new ControllerMachine(LIMITS, () -> new LogId(new UUID(id, random.nextLong())));
      controller =
          new Controller(
              store, images, session, self, machine, Handovers.bySwap(registry), lane, clock);
      nodes.add(this);
      result(images.start());
      registry.onChange(this::act);
      result(registry.start());
      session.follow(images);
      result(session.start());
      controller.start();
    }

    ClusterView view() {
      return images.current();
    }

    /** As leader it takes in who is missing; as preferred leader it begins a fresh log. */
    private void act(LogRecord log) {
      if (log.leader() == LogRecord.NO_LEADER && log.replicas().getFirst() == id) {
        registry.propose(log.takenOverBy(log.inSync().getFirst(), 1));
      } else if (log.leader() == id) {
        var members = new HashSet<Integer>();
        log.inSync().forEach(member -> members.add(member.nodeId()));
        log.replicas().stream()
            .filter(replica -> !members.contains(replica))
            .findFirst()
            .ifPresent(
                replica ->
                    registry.propose(
                        log.grownBy(new ReplicaId(replica, ModelCluster.disk(replica)))));
      }
    }

    /** Ends without a word: its lease runs out. */
    void kill() {
      lane.kill();
    }
  }
}
