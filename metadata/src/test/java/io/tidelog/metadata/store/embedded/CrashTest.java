package io.tidelog.metadata.store.embedded;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.metadata.HandClock;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a crash leaves of a store: all that was acknowledged, and of nothing a half. */
class CrashTest {

  private static final int SLOTS = 8;
  private static final long SMALL_LOG_BYTES = 700;

  /** Of the first change in an empty store. */
  private static final long HELD_REVISION = 2;

  private final HandClock clock = new HandClock();

  static List<Long> seeds() {
    var random = new Random();
    var seeds = new ArrayList<>(List.of(1L, 2L, 3L));
    for (int i = 0; i < 60; i++) {
      seeds.add(random.nextLong());
    }
    return seeds;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aPowerLossLosesNothingAcknowledgedAndLeavesNothingHalf(long seed) throws IOException {
    var random = new Random(seed);
    var directory = new PowerLossDirectory(random);
    var acknowledged = new long[SLOTS];
    var issued = new long[SLOTS];
    long revision = 0;
    for (int life = 0; life < 6; life++) {
      directory.losePowerAfter(random.nextInt(60));
      try (var store = EmbeddedMetadataStore.open(directory, clock, SMALL_LOG_BYTES)) {
        revision = writeUntilItFails(store, random, acknowledged, issued, revision);
      } catch (IOException e) {
        assertThat(e).hasMessage("no power");
      }
      directory.restorePower();
      try (var store = EmbeddedMetadataStore.open(directory, clock, SMALL_LOG_BYTES)) {
        for (int slot = 0; slot < SLOTS; slot++) {
          long left = value(store, "left/" + slot);
          assertThat(value(store, "right/" + slot)).isEqualTo(left);
          assertThat(left).isBetween(acknowledged[slot], issued[slot]);
        }
        long found = result(store.range("", 1, 0)).revision();
        assertThat(found).isGreaterThanOrEqualTo(revision);
        revision = found;
      }
    }
  }

  private static long writeUntilItFails(
      EmbeddedMetadataStore store,
      Random random,
      long[] acknowledged,
      long[] issued,
      long firstRevision) {
    long revision = firstRevision;
    for (int round = 0; round < 100; round++) {
      int group = 1 + random.nextInt(5);
      var slots = new ArrayList<Integer>();
      var values = new ArrayList<Long>();
      var answers = new ArrayList<CompletionStage<TxnResult>>();
      for (int i = 0; i < group; i++) {
        int slot = random.nextInt(SLOTS);
        slots.add(slot);
        values.add(++issued[slot]);
        var value = ByteBuffer.allocate(8 + random.nextInt(200)).putLong(0, issued[slot]).array();
        answers.add(
            store.txn(Txn.when().put("left/" + slot, value).put("right/" + slot, value).build()));
      }
      boolean failed = false;
      for (int i = 0; i < group; i++) {
        try {
          long done = result(answers.get(i)).revision();
          acknowledged[slots.get(i)] = values.get(i);
          assertThat(done).isGreaterThan(revision);
          revision = done;
        } catch (Fault.Uncertain | Fault.Broken e) {
          failed = true;
        }
      }
      if (failed) {
        return revision;
      }
    }
    return revision;
  }

  @Test
  void aLogCutAnywhereKeepsEveryWholeGroupBeforeTheCut() throws IOException {
    var directory = new PowerLossDirectory(new Random(1));
    var ends = writeFive(directory);
    var log = directory.bytes("log-1");
    for (int cut = ends.getFirst(); cut <= log.length; cut++) {
      var copy = directory.copy();
      copy.replace("log-1", Arrays.copyOf(log, cut));
      int whole = 0;
      while (whole < 5 && ends.get(whole + 1) <= cut) {
        whole++;
      }
      try (var store = open(copy)) {
        assertThat(value(store, "k")).as("cut at %s", cut).isEqualTo(whole);
      }
    }
  }

  @Test
  void damageBeforeSoundGroupsIsRefusedAndNeverCut() throws IOException {
    var directory = new PowerLossDirectory(new Random(1));
    var ends = writeFive(directory);
    int lastBlock = ends.get(4);
    var log = directory.bytes("log-1");
    for (int position = 0; position < log.length; position++) {
      var damaged = log.clone();
      damaged[position] ^= 0x10;
      var copy = directory.copy();
      copy.replace("log-1", damaged);
      if (position < lastBlock) {
        assertThatThrownBy(() -> open(copy)).as("at %s", position).isInstanceOf(Fault.Broken.class);
      } else {
        try (var store = open(copy)) {
          assertThat(value(store, "k")).as("at %s", position).isEqualTo(4);
        }
      }
    }
  }

  @Test
  void aDamagedOrMissingSnapshotIsRefused() throws IOException {
    var directory = new PowerLossDirectory(new Random(1));
    writeFive(directory);
    var snapshot = directory.bytes("snapshot-1").clone();
    snapshot[20] ^= 1;
    var damaged = directory.copy();
    damaged.replace("snapshot-1", snapshot);
    assertThatThrownBy(() -> open(damaged)).isInstanceOf(Fault.Broken.class);
    var missing = directory.copy();
    missing.delete("snapshot-1");
    assertThatThrownBy(() -> open(missing)).isInstanceOf(Fault.Broken.class);
    var lost = directory.copy();
    lost.delete("log-1");
    assertThatThrownBy(() -> open(lost)).isInstanceOf(Fault.Broken.class);
  }

  @Test
  void afterAForceThatFailedNothingIsTakenAndTheNextOpenTells() throws IOException {
    var directory = new PowerLossDirectory(new Random(5));
    var store = open(directory);
    put(store, 1);
    directory.losePowerAfter(1); // the write succeeds, its force does not
    assertThatThrownBy(() -> put(store, 2)).isInstanceOf(Fault.Uncertain.class);
    assertThat(result(store.stopped())).isInstanceOf(Fault.Broken.class);
    assertThatThrownBy(() -> put(store, 3)).isInstanceOf(Fault.Broken.class);
    assertThatThrownBy(() -> value(store, "k")).isInstanceOf(Fault.Broken.class);
    store.close();
    directory.restorePower();
    try (var again = open(directory)) {
      assertThat(value(again, "k")).isIn(1L, 2L);
    }
  }

  @Test
  void whatALifeShowedSurvivesAPowerLossAlsoAfterAForceThatFailedInTheLifeBefore()
      throws IOException {
    for (int seed = 1; seed <= 20; seed++) {
      var directory = new PowerLossDirectory(new Random(seed));
      try (var store = open(directory)) {
        put(store, 1);
        directory.failNextForce();
        assertThatThrownBy(() -> put(store, 2)).isInstanceOf(Fault.Uncertain.class);
      }
      long shown;
      try (var store = open(directory)) {
        shown = value(store, "k");
      }
      directory.restorePower();
      try (var store = open(directory)) {
        assertThat(value(store, "k")).as("seed %s", seed).isEqualTo(shown);
      }
    }
  }

  @Test
  void aWatchThatBeganInAGroupThatDidNotFitHasEnded() throws Exception {
    var directory = new PowerLossDirectory(new Random(5));
    try (var store = open(directory)) {
      var held = new CountDownLatch(1);
      var released = new CountDownLatch(1);
      store.watch("hold", HELD_REVISION, task -> hold(held, released), new Told());
      store.txn(Txn.when().put("hold", new byte[0]).build());
      held.await();
      directory.setFull(true);
      var failing = store.txn(Txn.when().put("k", new byte[8]).build());
      var told = new Told();
      store.watch("k", HELD_REVISION + 1, Runnable::run, told);
      released.countDown();
      assertThatThrownBy(() -> result(failing)).isInstanceOf(Fault.Retriable.class);
      result(told.ended);
      directory.setFull(false);
      put(store, 3);
      assertThat(value(store, "k")).isEqualTo(3);
      assertThat(told.events).isEmpty();
    }
  }

  private static void hold(CountDownLatch held, CountDownLatch released) {
    held.countDown();
    try {
      released.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** What a watch was told. */
  private static final class Told implements MetadataStore.WatchListener {

    private final List<MetadataStore.WatchEvent> events = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Long> ended = new CompletableFuture<>();

    @Override
    public void onEvents(long revision, List<MetadataStore.WatchEvent> changes) {
      events.addAll(changes);
    }

    @Override
    public void onCompacted(long compactedRevision) {
      ended.complete(compactedRevision);
    }
  }

  @Test
  void aFullDiskRefusesWhatDoesNotFitAndForgetsIt() throws IOException {
    var directory = new PowerLossDirectory(new Random(5));
    try (var store = open(directory)) {
      long lease = result(store.grant(1000));
      put(store, 1);
      directory.setFull(true);
      assertThatThrownBy(() -> put(store, 2)).isInstanceOf(Fault.Retriable.class);
      assertThatThrownBy(() -> result(store.revoke(lease))).isInstanceOf(Fault.Retriable.class);
      assertThat(value(store, "k")).isEqualTo(1);
      assertThat(result(store.keepAliveOnce(lease))).isEqualTo(1000);
      directory.setFull(false);
      put(store, 3);
      assertThat(result(store.range("k", 0, 0)).revision()).isEqualTo(3);
    }
    directory.restorePower();
    try (var store = open(directory)) {
      assertThat(value(store, "k")).isEqualTo(3);
    }
  }

  @Test
  void aSnapshotThatDoesNotFitLeavesTheOldLogInForce() throws IOException {
    var directory = new PowerLossDirectory(new Random(5));
    var state = new StoreState();
    try (var journal = StoreJournal.recover(directory, state, 0, SMALL_LOG_BYTES)) {
      directory.setFull(true);
      assertThat(journal.takeSnapshot(state)).isFalse();
      directory.setFull(false);
      state.grant(1000, 0);
      journal.append(state.unlogged());
    }
    assertThat(directory.names()).containsExactly("log-1", "snapshot-1");
    directory.restorePower();
    try (var store = open(directory)) {
      assertThat(result(store.keepAliveOnce(1))).isEqualTo(1000);
    }
  }

  @Test
  void snapshotsReplaceTheLogAndKeepEverything() throws IOException {
    var directory = new PowerLossDirectory(new Random(1));
    try (var store = EmbeddedMetadataStore.open(directory, clock, SMALL_LOG_BYTES)) {
      for (int i = 1; i <= 200; i++) {
        put(store, i);
      }
    }
    assertThat(directory.names()).hasSize(2).allMatch(name -> !name.endsWith("-1"));
    try (var store = open(directory)) {
      assertThat(value(store, "k")).isEqualTo(200);
      assertThat(result(store.range("", 0, 0)).revision()).isEqualTo(201);
    }
  }

  /** Five groups of one put each; gives where each ends, the header first. */
  private List<Integer> writeFive(PowerLossDirectory directory) throws IOException {
    var ends = new ArrayList<Integer>();
    try (var store = open(directory)) {
      ends.add(directory.bytes("log-1").length);
      for (int i = 1; i <= 5; i++) {
        put(store, i);
        ends.add(directory.bytes("log-1").length);
      }
    }
    return ends;
  }

  private EmbeddedMetadataStore open(PowerLossDirectory directory) throws IOException {
    return EmbeddedMetadataStore.open(directory, clock, StoreJournal.MIN_SNAPSHOT_LOG_BYTES);
  }

  private static void put(EmbeddedMetadataStore store, long value) {
    var bytes = ByteBuffer.allocate(8).putLong(0, value).array();
    result(store.txn(Txn.when().put("k", bytes).build()));
  }

  private static long value(EmbeddedMetadataStore store, String key) {
    var entry = result(store.get(key));
    return entry == null ? 0 : ByteBuffer.wrap(entry.value()).getLong();
  }
}
