package io.tidelog.metadata.node;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.metadata.LaneThread;
import io.tidelog.metadata.Waiting;
import io.tidelog.metadata.WallClock;
import io.tidelog.metadata.api.ClusterSettings;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.metadata.store.embedded.EmbeddedMetadataStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeSessionTest {

  private static final SessionLimits LIMITS = new SessionLimits(600, 100);
  private static final Endpoint AT = new Endpoint("localhost", 9092);

  @TempDir private Path folder;

  private final WallClock clock = new WallClock();
  private final LaneThread lane = new LaneThread();
  private final List<NodeSession> sessions = new ArrayList<>();
  private EmbeddedMetadataStore store;
  private ImageKeeper images;
  private NodeIds ids;

  @BeforeEach
  void start() {
    store = EmbeddedMetadataStore.open(folder.resolve("metadata"), clock);
    images = new ImageKeeper(store, lane, clock, 1, TopicDefaults.of(Map.of()));
    result(images.start());
    ids = new NodeIds(store, lane, new Random(5));
  }

  @AfterEach
  void stop() {
    lane.execute(() -> sessions.forEach(NodeSession::close));
    store.close();
    lane.close();
  }

  @Test
  void aNodeIsThereForAsLongAsItsSession() {
    var session = session(node(3, null, 1));
    result(session.start());
    Waiting.until(lane, "it is there", () -> images.current().registration(3) != null);
    assertThat(images.current().node(3)).isNotNull();
    result(CompletableFuture.supplyAsync(session::leave, lane).thenCompose(left -> left));
    Waiting.until(lane, "it is gone", () -> images.current().registration(3) == null);
  }

  @Test
  void aNodeWhoseLeaseTheStoreEndsEarlyIsBackAtOnce() {
    var session = session(node(3, null, 1));
    session.follow(images);
    result(session.start());
    long first = result(store.get(Keys.node(3))).lease();
    result(store.revoke(first));
    Waiting.until(
        lane,
        "another lease",
        () -> session.isAlive() && session.lease() != first && images.current().node(3) != null);
    assertThat(session.ended().toCompletableFuture()).isNotDone();
  }

  @Test
  void aSecondLiveProcessWithTheSameIdIsRefused() {
    result(session(node(3, null, 1)).start());
    var second = session(node(3, null, 2));
    assertThatThrownBy(() -> result(second.start()))
        .isInstanceOf(Fault.Fenced.class)
        .hasMessageContaining("node id 3 is in use by another live process");
  }

  @Test
  void aProcessThatFollowsADeadOneWaitsForItsLeaseOnly() {
    var key = Keys.node(3);
    long lease = result(store.grant(600));
    var dead = StoredValues.node(node(3, null, 1));
    result(store.txn(Txn.when().put(key, dead, lease).build()));
    var next = session(node(3, null, 2));
    result(next.start());
    assertThat(result(store.get(key)).lease()).isNotEqualTo(lease);
  }

  @Test
  void aProcessWithTheSameDiskFollowsAtOnceAndTheOldOneEnds() {
    var disk = new UUID(7, 7);
    var old = session(node(3, disk, 1));
    old.follow(images);
    result(old.start());
    result(session(node(3, disk, 2)).start());
    assertThat(result(old.ended())).isInstanceOf(Fault.Fenced.class);
  }

  @Test
  void idsAreCountedAndKeptByName() {
    var name = result(ids.found());
    assertThat(result(ids.found())).isEqualTo(name);
    var first = result(ids.ofName("gateway-a:9092"));
    assertThat(result(ids.ofName("gateway-b:9092"))).isNotEqualTo(first);
    assertThat(result(ids.ofName("gateway-a:9092"))).isEqualTo(first);
  }

  @Test
  void noIdIsGivenTwiceAndNoneBelowAChosenOne() {
    result(ids.found());
    List<CompletionStage<Integer>> asked = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      asked.add(ids.allocate());
      asked.add(ids.ofName("gateway-" + i));
    }
    assertThat(asked.stream().map(stage -> result(stage)).toList()).doesNotHaveDuplicates();
    assertThat(result(ids.claim(500))).isEqualTo(500);
    assertThat(result(ids.allocate())).isEqualTo(501);
    assertThat(result(ids.claim(12))).isEqualTo(12);
  }

  @Test
  void aNodeIsWhoItsFolderSaysElseWhoItWasToldToBeElseANewOne() {
    var fresh = result(ids.identify(new NodeWish(-1, true, null, "any")));
    assertThat(fresh.diskId()).isNotNull();
    var kept = fresh.folder();
    assertThat(result(ids.identify(new NodeWish(-1, true, kept, "other")))).isEqualTo(fresh);
    assertThatThrownBy(() -> result(ids.identify(new NodeWish(40, true, kept, "any"))))
        .isInstanceOf(Fault.Refused.class)
        .hasMessageContaining("that of node " + fresh.nodeId());
    assertThat(result(ids.identify(new NodeWish(40, true, null, "any"))).nodeId()).isEqualTo(40);
    var gateway = result(ids.identify(new NodeWish(-1, false, null, "gateway:9092")));
    assertThat(gateway.diskId()).isNull();
    assertThat(gateway.nodeId()).isEqualTo(41);
    assertThat(result(ids.identify(new NodeWish(-1, false, null, "gateway:9092"))))
        .isEqualTo(gateway);
    var foreign = new NodeFolder("another-cluster", 3, new UUID(1, 1));
    assertThatThrownBy(() -> result(ids.identify(new NodeWish(-1, true, foreign, "any"))))
        .isInstanceOf(Fault.Broken.class);
  }

  @Test
  void aNodesWishesAreReadFromItsFile() {
    var plain = NodeWish.of(Map.of(), false, null, AT);
    assertThat(plain).isEqualTo(new NodeWish(-1, false, null, "localhost:9092"));
    var named = Map.of("node.id", "7", "tidelog.node.name", "gw-1", "tidelog.zone", "zone-b");
    assertThat(NodeWish.of(named, true, null, AT)).isEqualTo(new NodeWish(7, true, null, "gw-1"));
    assertThat(ClusterSettings.rackOf(named)).isEqualTo("zone-b");
    assertThat(ClusterSettings.rackOf(Map.of("broker.rack", "r", "tidelog.zone", "z")))
        .isEqualTo("r");
    assertThat(ClusterSettings.rackOf(Map.of())).isNull();
    assertThatThrownBy(() -> new SessionLimits(9000, 4000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("broker.heartbeat.interval.ms=4000");
  }

  @Test
  void whatVersionOneKeptOfANodeIsRead() {
    var bytes =
        ByteBuffer.allocate(64)
            .put((byte) 1)
            .putInt(1)
            .putInt(4)
            .put("host".getBytes(StandardCharsets.US_ASCII))
            .putInt(9092)
            .putInt(0)
            .putInt(0)
            .array();
    var read = StoredValues.node(new Entry(Keys.node(1), bytes, 5, 12, 0));
    assertThat(read.client()).isEqualTo(new Endpoint("host", 9092));
    assertThat(read.rack()).isNull();
    assertThat(read.isHot()).isTrue();
  }

  @Test
  void aFolderRemembersWhoItsNodeIs() throws Exception {
    assertThat(NodeFolder.read(folder)).isNull();
    var mine = new NodeFolder("cluster-a", 7, new UUID(3, 4));
    mine.write(folder);
    assertThat(NodeFolder.read(folder)).isEqualTo(mine);
    assertThatThrownBy(() -> mine.requireClusterOrThrow("cluster-b"))
        .isInstanceOf(Fault.Broken.class);
    var file = folder.resolve(NodeFolder.FILE);
    Files.writeString(file, Files.readString(file).replace("node.id=7", "node.id=8"));
    assertThatThrownBy(() -> NodeFolder.read(folder))
        .isInstanceOf(Fault.Broken.class)
        .hasMessageContaining("checksum");
  }

  private NodeSession session(NodeRegistration self) {
    var session = new NodeSession(store, lane, clock, LIMITS, self);
    sessions.add(session);
    return session;
  }

  private static NodeRegistration node(int id, @Nullable UUID disk, int incarnation) {
    return new NodeRegistration(
        id,
        disk == null ? Set.of(NodeRole.GATEWAY) : Set.of(NodeRole.GATEWAY, NodeRole.HOT),
        AT,
        AT,
        null,
        "rack-a",
        new UUID(0, incarnation),
        disk,
        false);
  }
}
