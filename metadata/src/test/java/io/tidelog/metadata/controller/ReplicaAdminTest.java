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
import io.tidelog.metadata.api.ReplicaAdmin;
import io.tidelog.metadata.api.ReplicaAdmin.Election;
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
import io.tidelog.metadata.store.embedded.EmbeddedMetadataStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes 1 to 4; two partitions of one topic in the first log, one of another in the second. */
class ReplicaAdminTest {

  private static final LogId FIRST = new LogId(new UUID(1, 1));
  private static final LogId SECOND = new LogId(new UUID(1, 2));
  private static final NamedPartition A0 = new NamedPartition("a", 0);
  private static final NamedPartition A1 = new NamedPartition("a", 1);
  private static final NamedPartition B0 = new NamedPartition("b", 0);
  private static final long RECONCILE_NS = 3_600_000_000_000L;

  @TempDir private Path folder;

  private final LaneThread lane = new LaneThread();
  private MetadataStore store;
  private ImageKeeper images;
  private StoreLogRegistry registry;
  private ReplicaAdmin admin;

  @BeforeEach
  void start() {
    var clock = new WallClock();
    store = EmbeddedMetadataStore.open(folder, clock);
    for (int id = 1; id <= 4; id++) {
      put(Keys.node(id), StoredValues.node(node(id)));
    }
    store(log(FIRST, 2, List.of(1, 2, 3), 1, 2, 3));
    store(log(SECOND, 2, List.of(2, 3, 4), 2, 3, 4));
    putTopic("a", 2, FIRST);
    putTopic("b", 1, SECOND);
    var empty = ClusterView.empty(1, TopicDefaults.of(Map.of()));
    images = new ImageKeeper(store, lane, clock, empty, RECONCILE_NS);
    registry = new StoreLogRegistry(store, lane, clock, RECONCILE_NS);
    result(images.start());
    result(registry.start());
    admin = admin(Handovers.bySwap(registry));
  }

  @AfterEach
  void stop() {
    lane.kill();
    store.close();
    lane.close();
  }

  @Test
  void thePreferredReplicaIsElectedOnceForAllPartitionsOfALog() {
    var outcomes = result(admin.elect(Election.PREFERRED, List.of(A0, A1)));

    assertThat(outcomes).containsExactly(new Outcome(A0, null), new Outcome(A1, null));
    var log = images.current().log(FIRST);
    assertThat(log.leader()).isEqualTo(1);
    assertThat(log.term()).isEqualTo(8);
    assertThat(log.inSync()).hasSize(3);
    assertThat(refusal(result(admin.elect(Election.PREFERRED, List.of(A0)))))
        .containsExactly(Refusal.ELECTION_NOT_NEEDED);
  }

  @Test
  void ofAllPartitionsOnlyThoseThatNeedAnElectionAreTold() {
    var outcomes = result(admin.elect(Election.PREFERRED, null));

    assertThat(outcomes).extracting(Outcome::partition).containsExactly(A0, A1);
    assertThat(images.current().log(SECOND).term()).isEqualTo(7);
  }

  @Test
  void whoIsNotThereOrNotInSyncIsNotElected() {
    store(log(FIRST, 2, List.of(1, 2, 3), 2, 3));
    assertThat(refusal(result(admin.elect(Election.PREFERRED, List.of(A0)))))
        .containsExactly(Refusal.PREFERRED_LEADER_NOT_AVAILABLE);

    store(log(FIRST, 2, List.of(1, 2, 3), 1, 2, 3));
    result(store.txn(Txn.when().delete(Keys.node(1)).build()));
    assertThat(refusal(result(admin.elect(Election.PREFERRED, List.of(A0)))))
        .containsExactly(Refusal.PREFERRED_LEADER_NOT_AVAILABLE);

    put(Keys.node(1), StoredValues.node(node(1)));
    put(Keys.drain(1), StoredValues.number(1));
    assertThat(refusal(result(admin.elect(Election.PREFERRED, List.of(A0)))))
        .containsExactly(Refusal.PREFERRED_LEADER_NOT_AVAILABLE);
  }

  @Test
  void noReplicaIsElectedThatWouldLoseRecords() {
    assertThat(refusal(result(admin.elect(Election.UNCLEAN, List.of(A0)))))
        .containsExactly(Refusal.ELECTION_NOT_NEEDED);
    store(log(FIRST, 2, List.of(1, 2, 3), 2));
    result(store.txn(Txn.when().delete(Keys.node(2)).build()));

    var outcomes = result(admin.elect(Election.UNCLEAN, List.of(A0)));

    assertThat(refusal(outcomes)).containsExactly(Refusal.ELIGIBLE_LEADERS_NOT_AVAILABLE);
    assertThat(outcomes.getFirst().fault()).hasMessageContaining("[2]");
    assertThat(result(registry.read(FIRST)).term()).isEqualTo(7);
  }

  @Test
  void whatNobodyHasHeardOfIsRefused() {
    var unknown = new NamedPartition("no", 0);
    var beyond = new NamedPartition("a", 2);

    assertThat(refusal(result(admin.elect(Election.PREFERRED, List.of(unknown, beyond)))))
        .containsOnly(Refusal.UNKNOWN_TOPIC_OR_PARTITION);
    assertThat(refusal(reassign(unknown, List.of(1, 2, 3))))
        .containsExactly(Refusal.UNKNOWN_TOPIC_OR_PARTITION);
    assertThat(refusal(reassign(beyond, List.of(1, 2, 3))))
        .containsExactly(Refusal.UNKNOWN_TOPIC_OR_PARTITION);
  }

  @Test
  void anElectionThatSomebodyElsesChangeCameBeforeIsTriedAgain() {
    var swaps = Handovers.bySwap(registry);
    var rivals = new ArrayList<Integer>();
    admin =
        admin(
            (log, to) -> {
              if (rivals.isEmpty()) {
                rivals.add(3);
                return registry
                    .propose(log.shrunkBy(Set.of(replica(3))))
                    .thenCompose(stored -> swaps.handOver(log, to));
              }
              return swaps.handOver(log, to);
            });

    assertThat(result(admin.elect(Election.PREFERRED, List.of(A0))))
        .containsExactly(new Outcome(A0, null));
    assertThat(images.current().log(FIRST).leader()).isEqualTo(1);
    assertThat(images.current().log(FIRST).inSync()).containsExactly(replica(1), replica(2));
  }

  @Test
  void aLogIsReassignedWithAllItsPartitionsAndShownUntilItIsThere() {
    assertThat(reassign(B0, List.of(4, 1, 3))).containsExactly(new Outcome(B0, null));

    var log = images.current().log(SECOND);
    assertThat(log.replicas()).containsExactly(4, 1, 3);
    assertThat(log.inSync()).hasSize(3);
    assertThat(images.current().members().placements().get(SECOND).nodes())
        .containsExactly(1, 2, 3, 4);
    assertThat(result(admin.reassigning()))
        .containsExactly(new Reassigning(B0, List.of(4, 1, 3, 2), List.of(1), List.of(2)));
    assertThat(reassign(B0, List.of(4, 1, 3))).containsExactly(new Outcome(B0, null));
  }

  @Test
  void aReassignmentIsTakenBack() {
    assertThat(refusal(reassign(B0, null))).containsExactly(Refusal.NO_REASSIGNMENT_IN_PROGRESS);
    reassign(B0, List.of(4, 1, 3));
    reassign(B0, List.of(1, 3, 4));

    assertThat(reassign(B0, null)).containsExactly(new Outcome(B0, null));

    assertThat(images.current().log(SECOND).replicas()).containsExactly(2, 3, 4);
    assertThat(result(admin.reassigning())).isEmpty();
  }

  @Test
  void anotherPreferredLeaderNeedsNoWay() {
    reassign(B0, List.of(3, 2, 4));

    assertThat(images.current().log(SECOND).replicas()).containsExactly(3, 2, 4);
    assertThat(result(admin.reassigning())).isEmpty();
  }

  @Test
  void aLogThatIsOnItsWayIsTakenBackWithAllItsPartitions() {
    var wishes =
        List.of(new Reassignment(A0, List.of(2, 3, 4)), new Reassignment(A1, List.of(2, 3, 4)));
    assertThat(result(admin.reassign(wishes, false))).allMatch(outcome -> outcome.fault() == null);
    assertThat(images.current().log(FIRST).replicas()).containsExactly(2, 3, 4);

    var outcomes = reassign(A0, null);
    assertThat(refusal(outcomes)).containsExactly(Refusal.INVALID_REPLICA_ASSIGNMENT);
    assertThat(outcomes.getFirst().fault()).hasMessageContaining("2 in all");

    var back = List.of(new Reassignment(A0, null), new Reassignment(A1, null));
    assertThat(result(admin.reassign(back, false))).allMatch(outcome -> outcome.fault() == null);
    assertThat(images.current().log(FIRST).replicas()).containsExactly(1, 2, 3);
  }

  @Test
  void whatKafkaRefusesIsRefused() {
    assertThat(refusal(reassign(B0, List.of())))
        .containsExactly(Refusal.INVALID_REPLICA_ASSIGNMENT);
    assertThat(refusal(reassign(B0, List.of(1, 1, 2))))
        .containsExactly(Refusal.INVALID_REPLICA_ASSIGNMENT);
    assertThat(refusal(reassign(B0, List.of(1, 2, 9))))
        .containsExactly(Refusal.INVALID_REPLICA_ASSIGNMENT);
    var narrow = List.of(new Reassignment(B0, List.of(1, 2)));
    assertThat(refusal(result(admin.reassign(narrow, true))))
        .containsExactly(Refusal.INVALID_REPLICATION_FACTOR);
    put(Keys.drain(1), StoredValues.number(1));
    assertThat(refusal(reassign(B0, List.of(1, 2, 3))))
        .containsExactly(Refusal.INVALID_REPLICA_ASSIGNMENT);
  }

  private ReplicaAdmin admin(Handovers handovers) {
    var planner = new ReassignmentPlanner(() -> new LogId(UUID.randomUUID()), 9);
    return new ReplicaAdminService(store, images, registry, handovers, planner, lane);
  }

  private List<Outcome> reassign(NamedPartition partition, @Nullable List<Integer> replicas) {
    return result(admin.reassign(List.of(new Reassignment(partition, replicas)), false));
  }

  private static List<@Nullable Refusal> refusal(List<Outcome> outcomes) {
    return outcomes.stream()
        .map(outcome -> outcome.fault() instanceof Fault.Refused refused ? refused.refusal() : null)
        .toList();
  }

  private void store(LogRecord log) {
    put(Keys.log(log.id()), StoredValues.log(log));
  }

  private void put(String key, byte[] value) {
    result(store.txn(Txn.when().put(key, value).build()));
  }

  private void putTopic(String name, int partitions, LogId log) {
    var topic =
        new TopicImage(
            name,
            UUID.nameUUIDFromBytes(new byte[] {(byte) name.charAt(0)}),
            Map.of(),
            false,
            PartitionHomes.inOneLog(partitions, log),
            TopicDefaults.of(Map.of()).effective(Map.of()),
            0);
    put(Keys.topic(name), StoredValues.topic(topic));
  }

  private static LogRecord log(LogId id, int leader, List<Integer> replicas, int... inSync) {
    var members = IntStream.of(inSync).boxed();
    return new LogRecord(
        id, replicas, 1, members.map(ReplicaAdminTest::replica).toList(), List.of(), leader, 7, 0);
  }

  private static ReplicaId replica(int node) {
    return new ReplicaId(node, ModelCluster.disk(node));
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
