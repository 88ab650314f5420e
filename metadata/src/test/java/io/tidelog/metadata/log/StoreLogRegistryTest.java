package io.tidelog.metadata.log;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.metadata.FaultyWatchStore;
import io.tidelog.metadata.LaneThread;
import io.tidelog.metadata.Waiting;
import io.tidelog.metadata.WallClock;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoreFollower;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.metadata.store.embedded.EmbeddedMetadataStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StoreLogRegistryTest {

  private static final long RECONCILE_NS = 20_000_000;
  private static final LogId LOG = new LogId(new UUID(1, 1));
  private static final ReplicaId A = new ReplicaId(1, new UUID(0, 1));
  private static final ReplicaId B = new ReplicaId(2, new UUID(0, 2));
  private static final ReplicaId C = new ReplicaId(3, new UUID(0, 3));
  private static final LogRecord FRESH =
      new LogRecord(
          LOG, List.of(1, 2, 3), 2, List.of(A, B, C), List.of(), LogRecord.NO_LEADER, 0, 0);

  @TempDir private Path folder;

  private final LaneThread lane = new LaneThread();
  private final LaneThread otherLane = new LaneThread();
  private EmbeddedMetadataStore store;
  private StoreLogRegistry registry;
  private StoreLogRegistry other;

  @BeforeEach
  void start() {
    store = EmbeddedMetadataStore.open(folder, new WallClock());
    registry = new StoreLogRegistry(store, lane, new WallClock(), StoreFollower.NEVER);
    other = new StoreLogRegistry(store, otherLane, new WallClock(), StoreFollower.NEVER);
    result(registry.start());
    result(other.start());
  }

  @AfterEach
  void stop() {
    store.close();
    lane.close();
    otherLane.close();
  }

  @Test
  void aProposalThatHoldsIsKnownEverywhere() {
    var created = result(registry.propose(FRESH));
    assertThat(created).isEqualTo(FRESH.at(created.modRevision()));
    var led = result(registry.propose(created.takenOverBy(A, 1)));
    assertThat(registry.find(LOG)).isEqualTo(led);
    Waiting.until(otherLane, "the other knows", () -> led.equals(other.find(LOG)));
    assertThat(result(other.read(LOG))).isEqualTo(led);
    assertThat(other.all()).containsExactly(led);
  }

  @Test
  void ofTwoProposalsOneHoldsAndBothHearWhatIsStored() {
    var created = result(registry.propose(FRESH));
    var first = registry.propose(created.takenOverBy(A, 1));
    var second = other.propose(created.takenOverBy(B, 1));
    assertThat(result(first)).isEqualTo(result(second));
    assertThat(result(first).leader()).isEqualTo(1);
  }

  @Test
  void aProposalAboutALogThatIsGoneIsFenced() {
    assertThatThrownBy(() -> result(registry.propose(FRESH.at(77))))
        .isInstanceOf(Fault.Fenced.class);
    assertThat(result(registry.read(LOG))).isNull();
  }

  @Test
  void whatIsKeptIsReadBackAsItWasAndSmall() {
    var full = new LogRecord(LOG, List.of(1, 2, 3), 3, List.of(A, B), List.of(C), 2, 1L << 40, 12);
    var bytes = StoredValues.log(full);
    assertThat(bytes).hasSizeLessThan(128);
    assertThat(StoredValues.log(new Entry(Keys.log(LOG), bytes, 5, 12, 0))).isEqualTo(full);
  }

  @Test
  void whatVersionOneKeptIsRead() {
    var one = ByteBuffer.allocate(13).put((byte) 1).putInt(1).putLong(7).array();
    var read = StoredValues.log(new Entry(Keys.log(LOG), one, 5, 12, 0));
    assertThat(read.leader()).isEqualTo(1);
    assertThat(read.term()).isEqualTo(7);
    assertThat(read.replicas()).containsExactly(1);
    assertThat(read.inSync()).extracting(ReplicaId::nodeId).containsExactly(1);
    assertThat(read.minInSync()).isEqualTo(1);
  }

  static IntStream seeds() {
    return IntStream.range(0, 12);
  }

  /** H10: nobody acts on what is older than what it knows, and nobody stays behind. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aWatchThatLosesRepeatsAndReordersTellsNoOldRecordAfterANewOne(int seed) {
    var random = new Random(seed);
    var faulty = new FaultyWatchStore(store, seed);
    var told = new ArrayList<LogRecord>();
    var follower = new StoreLogRegistry(faulty, otherLane, new WallClock(), RECONCILE_NS);
    follower.onChange(told::add);
    result(follower.start());
    Map<LogId, LogRecord> last = new HashMap<>();
    for (int i = 0; i < 200; i++) {
      var id = new LogId(new UUID(2, random.nextInt(4)));
      var known = last.get(id);
      var next =
          known == null
              ? new LogRecord(id, List.of(1, 2, 3), 2, List.of(A, B, C), List.of(), 1, 1, 0)
              : change(known, random);
      last.put(id, result(registry.propose(next)));
    }
    var expected = Set.copyOf(last.values());
    Waiting.until(otherLane, "seed " + seed, () -> expected.equals(Set.copyOf(follower.all())));
    Map<LogId, Long> revisions = new HashMap<>();
    for (var record : told) {
      var before = revisions.put(record.id(), record.modRevision());
      assertThat(record.modRevision())
          .as("seed %d", seed)
          .isGreaterThan(before == null ? 0 : before);
    }
    // A log that is deleted is forgotten, however late an old change of it comes.
    var gone = last.keySet().iterator().next();
    result(store.txn(Txn.when().delete(Keys.log(gone)).build()));
    Waiting.until(otherLane, "seed " + seed, () -> follower.find(gone) == null);
    otherLane.execute(follower::close);
  }

  private static LogRecord change(LogRecord record, Random random) {
    return random.nextBoolean()
        ? record.takenOverBy(record.inSync().getLast(), record.term() + 1)
        : record.grownBy(List.of(A, B, C).get(random.nextInt(3)));
  }
}
