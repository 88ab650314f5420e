package io.tidelog.cold.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.cold.ColdFixture;
import io.tidelog.cold.FakeSegmentSource;
import io.tidelog.cold.TestSegment;
import io.tidelog.cold.offload.ColdKeys;
import io.tidelog.cold.offload.OffloadConfig;
import io.tidelog.cold.offload.OffloadRuntime;
import io.tidelog.cold.store.FaultyObjectStore;
import io.tidelog.cold.store.InMemoryObjectStore;
import io.tidelog.cold.store.ObjectContent;
import io.tidelog.cold.store.StoredObject;
import io.tidelog.core.Fault;
import io.tidelog.core.log.ColdObject;
import io.tidelog.testkit.ManualClock;
import io.tidelog.testkit.SteppedLane;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectCollectorTest {

  private static final long GRACE_MS = 3_600_000;
  private static final CollectConfig CONFIG = new CollectConfig(GRACE_MS, 600_000, 3, 1_000);

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock(10 * GRACE_MS);
  private final SteppedLane lane = new SteppedLane(clock);
  private final InMemoryObjectStore memory = new InMemoryObjectStore(clock);
  private final FaultyObjectStore store = new FaultyObjectStore(memory, 1, clock::advanceMs);
  private final FakeSegmentSource source = new FakeSegmentSource(ColdFixture.LOG, 5);
  private final ColdKeys keys = new ColdKeys("", "cluster", new SplittableRandom(1));
  private final OffloadRuntime offload =
      new OffloadRuntime(
          source,
          store,
          keys,
          OffloadConfig.DEFAULT,
          lane,
          Runnable::run,
          clock,
          new SplittableRandom(2));
  private final ObjectCollector collector =
      new ObjectCollector(source, store, keys, CONFIG, offload, lane, Runnable::run, clock);

  private TestSegment.Writer writer;
  private boolean isCollecting;

  @BeforeEach
  void start() {
    writer = new TestSegment.Writer(ColdFixture.LOG, folder, new SplittableRandom(3));
    offload.start();
    collector.start();
    sealOne();
  }

  private void sealOne() {
    source.seal(writer.write(5, ColdFixture.partitions(2), 10));
    lane.runReady();
  }

  private String orphan(long term) {
    String key =
        keys.logPrefix(ColdFixture.LOG) + term + "-00000000000000000077-00000000000000ab.tl0";
    memory.create(key, ObjectContent.of(ByteBuffer.allocate(10)));
    return key;
  }

  @Test
  void anOrphanGoesAfterTheGraceAndLiveObjectsStay() {
    String orphan = orphan(4);
    lane.runForMs(GRACE_MS);
    assertThat(memory.head(orphan)).isNotNull();
    assertThat(collector.stats().watchedObjects()).isEqualTo(1);
    lane.runForMs(2 * CONFIG.intervalMs());
    assertThat(memory.head(orphan)).isNull();
    assertThat(collector.stats().deletedObjects()).isEqualTo(1);
    assertThat(collector.stats().watchedObjects()).isZero();
    assertThat(source.committed())
        .extracting(ColdObject::key)
        .allSatisfy(key -> assertThat(memory.head(key)).isNotNull());
  }

  @Test
  void whatRetentionLeftBehindGoesToo() {
    sealOne();
    String old = source.committed().getFirst().key();
    source.drop(old);
    lane.runForMs(GRACE_MS + 2 * CONFIG.intervalMs());
    assertThat(memory.head(old)).isNull();
    assertThat(memory.head(source.committed().getLast().key())).isNotNull();
  }

  @Test
  void nothingIsCollectedInAStoreThatHasNoneOfTheObjectsOfTheLog() {
    memory.delete(List.of(source.committed().getFirst().key()));
    String orphan = orphan(4);
    lane.runForMs(5 * GRACE_MS);
    assertThat(memory.head(orphan)).isNotNull();
    assertThat(collector.stats().failedPasses()).isPositive();
  }

  @Test
  void anObjectOfANewerLeaderIsLeftAlone() {
    String newer = orphan(6);
    lane.runForMs(5 * GRACE_MS);
    assertThat(memory.head(newer)).isNotNull();
  }

  @Test
  void whatIsNotNamedAsOursIsLeftAlone() {
    String notes = keys.logPrefix(ColdFixture.LOG) + "notes.txt";
    memory.create(notes, ObjectContent.of(ByteBuffer.allocate(10)));
    lane.runForMs(5 * GRACE_MS);
    assertThat(memory.head(notes)).isNotNull();
  }

  @Test
  void anUploadWhoseCommitTakesLongerThanTheGraceIsNotCollected() {
    source.commitFailures(() -> new Fault.Retriable("planned"));
    sealOne();
    lane.runForMs(5 * GRACE_MS);
    assertThat(memory.list("", "", 10).objects()).hasSize(2);
    source.commitFailures(() -> null);
    lane.runForMs(60_000);
    assertThat(source.committed()).hasSize(2);
    lane.runForMs(5 * GRACE_MS);
    assertThat(memory.list("", "", 10).objects()).hasSize(2);
  }

  @Test
  void aWallClockThatJumpsDeletesNothingEarly() {
    String orphan = orphan(4);
    lane.runForMs(CONFIG.intervalMs());
    clock.stepWallMs(100 * GRACE_MS);
    lane.runForMs(GRACE_MS / 2);
    assertThat(memory.head(orphan)).isNotNull();
    clock.stepWallMs(-200 * GRACE_MS);
    lane.runForMs(5 * GRACE_MS);
    assertThat(memory.head(orphan)).isNotNull();
  }

  @Test
  void afterARestartWhatADeletedTopicLeftBehindGoesThoughNothingIsOffloadedAnyMore() {
    String old = source.committed().getFirst().key();
    source.drop(old);
    source.term(6);
    restart(Runnable::run);
    lane.runForMs(GRACE_MS + 3 * CONFIG.intervalMs());
    assertThat(memory.head(old)).isNull();
  }

  @Test
  void aStoreThatDoesNotAnswerIsNotAskedAgainMeanwhile() {
    var held = new ArrayDeque<Runnable>();
    restart(
        task -> {
          if (isCollecting) {
            held.add(task);
          } else {
            task.run();
          }
        });
    lane.runReady();
    isCollecting = true;
    lane.runForMs(20 * CONFIG.intervalMs());
    assertThat(held.size()).isLessThanOrEqualTo(2); // the collector's, and the offload's
    while (!held.isEmpty()) {
      held.remove().run();
      lane.runReady();
    }
    isCollecting = false;
    String orphan = orphan(4);
    lane.runForMs(GRACE_MS + 3 * CONFIG.intervalMs());
    assertThat(memory.head(orphan)).isNull();
  }

  /** Another process goes on with the same log and store. */
  private void restart(Executor blocking) {
    offload.close();
    collector.close();
    lane.runReady();
    var nextOffload =
        new OffloadRuntime(
            source,
            store,
            keys,
            OffloadConfig.DEFAULT,
            lane,
            blocking,
            clock,
            new SplittableRandom(4));
    nextOffload.start();
    new ObjectCollector(source, store, keys, CONFIG, nextOffload, lane, blocking, clock).start();
  }

  @Test
  void aFailedPassIsFollowedByAnother() {
    String orphan = orphan(4);
    store.plan(FaultyObjectStore.Plan.OUTAGE);
    lane.runForMs(3 * GRACE_MS);
    assertThat(collector.stats().failedPasses()).isPositive();
    store.plan(FaultyObjectStore.Plan.HEALTHY);
    lane.runForMs(GRACE_MS + 2 * CONFIG.intervalMs());
    assertThat(memory.head(orphan)).isNull();
  }

  @Test
  void anObjectNeededAgainIsWatchedFromTheBeginning() {
    var object = new StoredObject("k", 1, 0);
    var first = CollectPlanner.decide(List.of(object), Map.of(), 0, 1_000, 100);
    var needed = CollectPlanner.decide(List.of(), first.watched(), 50_000_000, 1_050, 100);
    var again = CollectPlanner.decide(List.of(object), needed.watched(), 150_000_000, 1_150, 100);
    assertThat(again.delete()).isEmpty();
    assertThat(
            CollectPlanner.decide(List.of(object), again.watched(), 250_000_000, 1_250, 100)
                .delete())
        .containsExactly("k");
  }
}
