package io.tidelog.metadata.controller;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.Refusal;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.LaneThread;
import io.tidelog.metadata.WallClock;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.Handovers;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.PartitionHomes.Move;
import io.tidelog.metadata.api.ReplicaAdmin;
import io.tidelog.metadata.api.ReplicaAdmin.NamedPartition;
import io.tidelog.metadata.api.ReplicaAdmin.Outcome;
import io.tidelog.metadata.api.ReplicaAdmin.Reassigning;
import io.tidelog.metadata.api.ReplicaAdmin.Reassignment;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.metadata.log.StoreLogRegistry;
import io.tidelog.metadata.placement.LogClass;
import io.tidelog.metadata.store.embedded.EmbeddedMetadataStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes 1 to 5, four partitions of one topic in a log of nodes 1, 2 and 3. */
class PartitionReassignmentTest {

  private static final LogId HOME = new LogId(new UUID(1, 1));
  private static final LogId OTHER = new LogId(new UUID(1, 2));
  private static final LogId BUSY = new LogId(new UUID(1, 3));
  private static final int MAX_LOGS = 5;
  private static final long RECONCILE_NS = 3_600_000_000_000L;

  @TempDir private Path folder;

  private final LaneThread lane = new LaneThread();
  private MetadataStore store;
  private ImageKeeper images;
  private ReplicaAdmin admin;

  @BeforeEach
  void start() {
    var clock = new WallClock();
    store = EmbeddedMetadataStore.open(folder, clock);
    for (int id = 1; id <= 5; id++) {
      put(Keys.node(id), StoredValues.node(node(id)));
    }
    put(Keys.log(HOME), StoredValues.log(log(HOME, 1, 1, 2, 3)));
    put(Keys.log(OTHER), StoredValues.log(log(OTHER, 1, 4, 2, 3)));
    put(Keys.log(BUSY), StoredValues.log(log(BUSY, 1, 4, 2, 3)));
    putTopic("a", PartitionHomes.inOneLog(4, HOME));
    putTopic("b", PartitionHomes.inOneLog(2, BUSY));
    var empty = ClusterView.empty(1, TopicDefaults.of(Map.of()));
    images = new ImageKeeper(store, lane, clock, empty, RECONCILE_NS);
    var registry = new StoreLogRegistry(store, lane, clock, RECONCILE_NS);
    result(images.start());
    result(registry.start());
    var planner = new ReassignmentPlanner(() -> new LogId(UUID.randomUUID()), MAX_LOGS);
    admin =
        new ReplicaAdminService(store, images, registry, Handovers.bySwap(registry), planner, lane);
  }

  @AfterEach
  void stop() {
    lane.kill();
    store.close();
    lane.close();
  }

  @Test
  void aPartitionGoesToTheLogWithTheReplicasAndTheFewestPartitions() {
    assertThat(reassign(1, 4, 3, 2)).isNull();

    assertThat(move(1)).isEqualTo(OTHER);
    assertThat(move(0)).isNull();
    assertThat(view().log(HOME).replicas()).containsExactly(1, 2, 3);
    assertThat(view().members().placements().get(OTHER).nodes()).containsExactly(1, 2, 3, 4, 5);
    assertThat(result(admin.reassigning()))
        .containsExactly(new Reassigning(named(1), List.of(4, 2, 3, 1), List.of(4), List.of(1)));
    var place = view().place(Objects.requireNonNull(view().topic("a")), 1);
    assertThat(place.replicas()).containsExactly(4, 2, 3, 1);
    assertThat(place.inSync()).containsExactly(1, 2, 3);
    assertThat(place.leader()).isEqualTo(1);
  }

  @Test
  void aLogIsMadeForReplicasThatNoneHasAndSharedByThoseThatWantThem() {
    var outcomes =
        reassignAll(
            false,
            wish(0, 5, 1, 2),
            wish(1, 5, 2, 1),
            wish(2, 3, 5, 4),
            new Reassignment(new NamedPartition("b", 0), List.of(5, 1, 2)));

    assertThat(outcomes).containsOnlyNulls();
    var made = view().log(Objects.requireNonNull(move(0)));
    assertThat(made.replicas()).containsExactly(5, 1, 2);
    assertThat(made.inSync()).hasSize(3);
    assertThat(made.leader()).isEqualTo(LogRecord.NO_LEADER);
    assertThat(move(1)).isEqualTo(made.id());
    assertThat(view().topic("b").homes().move(0).to()).isEqualTo(made.id());
    assertThat(view().logs()).hasSize(5);
    var given = view().members().logClasses().get(new LogClass(3, 1).key());
    assertThat(given.number()).isEqualTo(2);
  }

  @Test
  void allPartitionsOfALogTakeItWithThem() {
    assertThat(
            reassignAll(
                false, wish(0, 1, 2, 5), wish(1, 1, 2, 5), wish(2, 1, 2, 5), wish(3, 1, 2, 5)))
        .containsOnlyNulls();

    assertThat(view().log(HOME).replicas()).containsExactly(1, 2, 5);
    assertThat(view().moving()).isEmpty();
  }

  @Test
  void allPartitionsOfALogThatOneIsOnItsWayToMoveByThemselves() {
    reassignAll(false, new Reassignment(new NamedPartition("b", 0), List.of(1, 2, 3)));
    assertThat(view().topic("b").homes().move(0).to()).isEqualTo(HOME);

    reassignAll(false, wish(0, 1, 2, 5), wish(1, 1, 2, 5), wish(2, 1, 2, 5), wish(3, 1, 2, 5));

    assertThat(view().log(HOME).replicas()).containsExactly(1, 2, 3);
    assertThat(IntStream.range(0, 4).mapToObj(this::move).distinct()).hasSize(1);
  }

  @Test
  void anotherReplicationFactorIsAnotherClassUnlessItWasToStay() {
    assertThat(refusal(reassignAll(true, wish(0, 1, 2)).getFirst()))
        .isEqualTo(Refusal.INVALID_REPLICATION_FACTOR);

    assertThat(reassign(0, 1, 2)).isNull();

    assertThat(view().log(Objects.requireNonNull(move(0))).replicas()).containsExactly(1, 2);
    assertThat(reassignAll(true, wish(0, 2, 1))).containsOnlyNulls();
  }

  @Test
  void aMoveIsTakenBackAndOnlyWhileItStands() {
    reassign(1, 4, 2, 3);
    assertThat(reassign(1)).isNull();

    assertThat(move(1)).isNull();
    assertThat(refusal(reassign(1))).isEqualTo(Refusal.NO_REASSIGNMENT_IN_PROGRESS);
    assertThat(result(admin.reassigning())).isEmpty();
  }

  @Test
  void whoWantsAPartitionBackTakesItsMoveBack() {
    reassign(1, 4, 2, 3);
    assertThat(reassign(1, 1, 3, 2)).isNull();
    assertThat(move(1)).isNull();
  }

  @Test
  void anotherWishBeginsAMoveOfItsOwn() {
    reassign(1, 4, 2, 3);
    long epoch = view().topic("a").homes().move(1).epoch();
    assertThat(reassign(1, 4, 3, 2)).isNull();
    assertThat(view().topic("a").homes().move(1).epoch()).isEqualTo(epoch);

    assertThat(reassign(1, 5, 2, 3)).isNull();

    assertThat(view().topic("a").homes().move(1).epoch()).isGreaterThan(epoch);
    assertThat(view().log(Objects.requireNonNull(move(1))).replicas()).containsExactly(5, 2, 3);
  }

  @Test
  void aLogThatIsReassignedItselfIsNotMovedTo() {
    reassignAll(
        false,
        new Reassignment(new NamedPartition("b", 0), List.of(4, 2, 5)),
        new Reassignment(new NamedPartition("b", 1), List.of(4, 2, 5)));
    assertThat(view().log(BUSY).replicas()).containsExactly(4, 2, 5);

    reassign(0, 4, 2, 5);

    assertThat(move(0)).isNotNull().isNotEqualTo(BUSY);
  }

  @Test
  void noLogIsMadeOnANodeThatIsNotThereOrHoldsAsManyAsItMay() {
    result(store.txn(Txn.when().delete(Keys.node(3)).build()));
    assertThat(refusal(reassign(0, 5, 1, 3))).isEqualTo(Refusal.INVALID_REPLICA_ASSIGNMENT);
    assertThat(reassign(0, 4, 2, 3)).isNull(); // there is one already

    var made = new ArrayList<List<Integer>>(List.of(List.of(5, 2), List.of(2, 5), List.of(1, 2)));
    var outcomes =
        reassignAll(
            false,
            made.stream()
                .map(nodes -> new Reassignment(named(made.indexOf(nodes)), nodes))
                .toArray(Reassignment[]::new));
    assertThat(outcomes.subList(0, 2)).containsOnlyNulls();
    assertThat(refusal(outcomes.get(2))).isEqualTo(Refusal.INVALID_REPLICA_ASSIGNMENT);
    assertThat(outcomes.get(2)).hasMessageContaining("tidelog.node.logs.max");
  }

  @Test
  void moreLogsThanATransactionTakesAreMadeInSeveral() {
    int partitions = 3 * PartitionMovePlanner.MAX_LOGS;
    putTopic("wide", PartitionHomes.inOneLog(partitions, HOME));
    var wishes = new ArrayList<Reassignment>();
    for (int i = 0; i < partitions; i++) {
      var id = new LogId(new UUID(2, i));
      put(Keys.node(100 + i), StoredValues.node(node(100 + i)));
      put(Keys.log(id), StoredValues.log(log(id, 1, 100 + i)));
      wishes.add(new Reassignment(new NamedPartition("wide", i), List.of(100 + i)));
    }

    assertThat(reassignAll(false, wishes.toArray(Reassignment[]::new))).containsOnlyNulls();

    var homes = view().topic("wide").homes();
    for (int i = 0; i < partitions; i++) {
      assertThat(homes.move(i)).extracting(Move::to).isEqualTo(new LogId(new UUID(2, i)));
    }
  }

  private @Nullable LogId move(int partition) {
    var move = Objects.requireNonNull(view().topic("a")).homes().move(partition);
    return move == null ? null : move.to();
  }

  private ClusterView view() {
    return images.current();
  }

  /** No nodes to leave it where it is. */
  private @Nullable Fault reassign(int partition, Integer... nodes) {
    var replicas = nodes.length == 0 ? null : Arrays.asList(nodes);
    return reassignAll(false, new Reassignment(named(partition), replicas)).getFirst();
  }

  private List<@Nullable Fault> reassignAll(boolean sameFactor, Reassignment... wishes) {
    var outcomes = result(admin.reassign(List.of(wishes), sameFactor));
    assertThat(outcomes)
        .extracting(Outcome::partition)
        .containsExactlyElementsOf(Arrays.stream(wishes).map(Reassignment::partition).toList());
    var faults = new ArrayList<@Nullable Fault>();
    outcomes.forEach(outcome -> faults.add(outcome.fault()));
    return faults;
  }

  private static Reassignment wish(int partition, Integer... nodes) {
    return new Reassignment(named(partition), List.of(nodes));
  }

  private static NamedPartition named(int partition) {
    return new NamedPartition("a", partition);
  }

  private static @Nullable Refusal refusal(@Nullable Fault fault) {
    return fault instanceof Fault.Refused refused ? refused.refusal() : null;
  }

  private void put(String key, byte[] value) {
    result(store.txn(Txn.when().put(key, value).build()));
  }

  private void putTopic(String name, PartitionHomes homes) {
    var topic =
        new TopicImage(
            name,
            UUID.nameUUIDFromBytes(new byte[] {(byte) name.charAt(0)}),
            Map.of(),
            false,
            homes,
            TopicDefaults.of(Map.of()).effective(Map.of()),
            0);
    put(Keys.topic(name), StoredValues.topic(topic));
  }

  private static LogRecord log(LogId id, int minInSync, Integer... replicas) {
    var members =
        Arrays.stream(replicas).map(node -> new ReplicaId(node, ModelCluster.disk(node))).toList();
    return new LogRecord(id, List.of(replicas), minInSync, members, List.of(), replicas[0], 7, 0);
  }

  private static NodeRegistration node(int id) {
    var at = new Endpoint("node-" + id, 9092);
    return new NodeRegistration(
        id,
        Set.of(NodeRole.HOT),
        null,
        at,
        at,
        null,
        new UUID(id, 1),
        ModelCluster.disk(id),
        false);
  }
}
