package io.tidelog.metadata.image;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Lane;
import io.tidelog.core.LogId;
import io.tidelog.metadata.HandClock;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NodeImage;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import io.tidelog.metadata.store.embedded.EmbeddedMetadataStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageKeeperTest {

  private static final TopicDefaults FILE = TopicDefaults.of(Map.of());

  @TempDir private Path folder;

  private final SteppedLane lane = new SteppedLane();
  private final List<ClusterImage> seen = new ArrayList<>();
  private MetadataStore store;
  private ImageKeeper keeper;

  @BeforeEach
  void start() {
    store = EmbeddedMetadataStore.open(folder, new HandClock());
    keeper = new ImageKeeper(store, lane, new HandClock(), 1, FILE);
  }

  @AfterEach
  void stop() {
    keeper.close();
    store.close();
  }

  @Test
  void aListenerIsToldTheCurrentPictureAndEachOneAfterIt() {
    put(Keys.topic("a"), StoredValues.topic(topic("a")));
    lane.stepUntil(keeper.start());
    keeper.onChange(seen::add);
    long b = put(Keys.topic("b"), StoredValues.topic(topic("b")));
    long gone = delete(Keys.topic("a"));
    lane.stepUntilRevision(keeper, gone);
    assertThat(seen.getFirst().topics()).extracting(TopicImage::name).containsExactly("a");
    assertThat(seen.getLast().topics()).extracting(TopicImage::name).containsExactly("b");
    assertThat(seen).extracting(ClusterImage::revision).isSorted().contains(gone);
    assertThat(seen.getLast().topic("b").modRevision()).isEqualTo(b);
  }

  @Test
  void aPictureThatWasGivenOutNeverChanges() {
    lane.stepUntil(keeper.start());
    var before = keeper.current();
    lane.stepUntilRevision(keeper, put(Keys.topic("a"), StoredValues.topic(topic("a"))));
    assertThat(before.topics()).isEmpty();
    assertThat(keeper.current().topics()).hasSize(1);
  }

  @Test
  void aKeeperThatFellBehindReadsEverythingAnew() {
    put(Keys.topic("old"), StoredValues.topic(topic("old")));
    lane.stepUntil(keeper.start());
    keeper.onChange(seen::add);
    var puts = new ArrayList<CompletionStage<TxnResult>>();
    for (int i = 0; i <= MetadataStore.MAX_WATCH_BACKLOG / MetadataStore.MAX_TXN_OPS; i++) {
      var txn = Txn.when();
      for (int k = 0; k < MetadataStore.MAX_TXN_OPS; k++) {
        txn.put("flood/" + k, new byte[0]);
      }
      puts.add(store.txn(txn.build()));
    }
    puts.forEach(put -> assertThat(result(put).held()).isTrue());
    delete(Keys.topic("old"));
    long last = put(Keys.topic("new"), StoredValues.topic(topic("new")));
    lane.stepUntilRevision(keeper, last);
    long after = put(Keys.topic("newer"), StoredValues.topic(topic("newer")));
    lane.stepUntilRevision(keeper, after);
    assertThat(keeper.current().topics())
        .extracting(TopicImage::name)
        .containsExactlyInAnyOrder("new", "newer");
    assertThat(seen).extracting(ClusterImage::revision).isSorted();
  }

  @Test
  void aKeeperFollowsAgainWhenAStoreTooBusyToTellItEverythingHasTime() throws Exception {
    var started = keeper.start();
    var held = new CountDownLatch(1);
    var released = new CountDownLatch(1);
    store.watch("hold", 1, task -> hold(held, released), new Nobody());
    store.txn(Txn.when().put("hold", new byte[0]).build());
    held.await();
    CompletionStage<?> accepted = started;
    for (CompletionStage<?> next = accepted;
        !next.toCompletableFuture().isCompletedExceptionally(); ) {
      accepted = next;
      next = store.get("nothing");
    }
    lane.stepUntil(started); // its watch is refused, then what it reads instead
    lane.step();
    lane.step();
    released.countDown();
    result(accepted);
    lane.stepUntilRevision(keeper, put(Keys.topic("a"), StoredValues.topic(topic("a"))));
    assertThat(keeper.current().topics()).extracting(TopicImage::name).containsExactly("a");
  }

  private static void hold(CountDownLatch held, CountDownLatch released) {
    held.countDown();
    try {
      released.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Listens to a watch for its lane's sake. */
  private static final class Nobody implements MetadataStore.WatchListener {

    @Override
    public void onEvents(long revision, List<MetadataStore.WatchEvent> events) {}

    @Override
    public void onCompacted(long compactedRevision) {}
  }

  @Test
  void whatIsKeptIsReadBackAsItWas() {
    var homes =
        PartitionHomes.inOneLog(3, new LogId(new UUID(1, 1)))
            .append(PartitionHomes.inOneLog(2, new LogId(new UUID(2, 2))))
            .append(PartitionHomes.inOneLog(4, new LogId(new UUID(1, 1))));
    var configs = Map.of("retention.ms", "5", "cleanup.policy", "compact");
    var topic =
        new TopicImage("a", new UUID(3, 4), configs, false, homes, FILE.effective(configs), 2);
    var at = new Endpoint("host", 9092);
    var node =
        new NodeRegistration(
            7,
            Set.of(NodeRole.GATEWAY, NodeRole.HOT),
            at,
            new Endpoint("inside", 9093),
            new Endpoint("inside", 9094),
            "rack",
            new UUID(5, 5),
            new UUID(6, 6),
            false);
    put(Keys.topic("a"), StoredValues.topic(topic));
    put(Keys.node(7), StoredValues.node(node));
    lane.stepUntil(keeper.start());
    assertThat(keeper.current().topic("a")).isEqualTo(topic);
    assertThat(keeper.current().registration(7)).isEqualTo(node);
    assertThat(keeper.current().node(7)).isEqualTo(new NodeImage(7, "host", 9092, "rack"));
    assertThat(keeper.current().partitionTotal()).isEqualTo(9);
    assertThat(homes.home(2)).isEqualTo(homes.home(5)).isNotEqualTo(homes.home(4));
  }

  private static TopicImage topic(String name) {
    return new TopicImage(
        name,
        UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.US_ASCII)),
        Map.of(),
        false,
        PartitionHomes.inOneLog(1, new LogId(new UUID(1, 1))),
        FILE.effective(Map.of()),
        0);
  }

  private long put(String key, byte[] value) {
    return result(store.txn(Txn.when().put(key, value).build())).revision();
  }

  private long delete(String key) {
    return result(store.txn(Txn.when().delete(key).build())).revision();
  }

  /** Runs on the test's own thread, when the test says so. */
  private static final class SteppedLane implements Lane {

    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    @Override
    public Runnable executeAt(long deadlineNs, Runnable task) {
      tasks.add(task);
      return () -> tasks.remove(task);
    }

    void stepUntil(CompletionStage<?> stage) {
      while (!stage.toCompletableFuture().isDone()) {
        step();
      }
    }

    void stepUntilRevision(ImageKeeper keeper, long revision) {
      while (keeper.current().revision() < revision) {
        step();
      }
    }

    private void step() {
      try {
        var task = tasks.poll(30, TimeUnit.SECONDS);
        assertThat(task).as("a task for the lane").isNotNull();
        task.run();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
