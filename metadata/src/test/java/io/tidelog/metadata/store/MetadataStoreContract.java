package io.tidelog.metadata.store;

import static io.tidelog.metadata.Await.result;
import static io.tidelog.metadata.api.Txn.Compare.absent;
import static io.tidelog.metadata.api.Txn.Compare.createdAt;
import static io.tidelog.metadata.api.Txn.Compare.unchangedSince;
import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every metadata store keeps; an adapter is finished when it passes. */
public abstract class MetadataStoreContract {

  private static final long TTL_MS = 1000;
  private static final int TXNS_AT_A_TIME = 32;

  protected MetadataStore store;
  private final List<Long> leases = new ArrayList<>();

  /** Opens the store; what an earlier one of the same test was told is still in it. */
  protected abstract MetadataStore openStore();

  /** Lets some of a lease's time pass, where the store's clock can be moved. */
  protected abstract void passSomeTime();

  /** A restarted store forgets its history; one that does not, as etcd, says so here. */
  protected boolean forgetsHistoryAtRestart() {
    return true;
  }

  @BeforeEach
  void open() {
    store = openStore();
  }

  @AfterEach
  void close() {
    // A lease that ends by itself would be a change in the middle of the next test.
    leases.forEach(lease -> result(store.revoke(lease)));
    store.close();
  }

  protected final void restart() {
    store.close();
    store = openStore();
  }

  @Test
  void aKeyIsAbsentUntilItIsPut() {
    assertThat(get("a")).isNull();
    put("a", "1");
    assertThat(text(get("a"))).isEqualTo("1");
  }

  @Test
  void everyChangeHasItsRevisionAndEveryReadHasNone() {
    long first = put("a", "1");
    get("a");
    range("");
    assertThat(put("a", "2")).isEqualTo(first + 1);
    assertThat(get("a").createRevision()).isEqualTo(first);
    assertThat(get("a").modRevision()).isEqualTo(first + 1);
  }

  @Test
  void allChangesOfATransactionShareOneRevision() {
    var done = txn(Txn.when().put("a", bytes("1")).put("b", bytes("1")));
    assertThat(get("a").modRevision()).isEqualTo(get("b").modRevision()).isEqualTo(done.revision());
  }

  @Test
  void aKeyCreatedAgainHasANewCreateRevision() {
    long first = put("a", "1");
    txn(Txn.when().delete("a"));
    assertThat(get("a")).isNull();
    assertThat(put("a", "2")).isEqualTo(first + 2);
    assertThat(get("a").createRevision()).isEqualTo(first + 2);
  }

  @Test
  void deletingWhatIsAbsentIsNoChange() {
    long revision = put("a", "1");
    assertThat(txn(Txn.when().delete("b")).revision()).isEqualTo(revision);
  }

  @Test
  void onlyTheFirstCreatorOfAKeyWins() {
    assertThat(txn(Txn.when(absent("a")).put("a", bytes("1"))).held()).isTrue();
    assertThat(txn(Txn.when(absent("a")).put("a", bytes("2"))).held()).isFalse();
    assertThat(text(get("a"))).isEqualTo("1");
  }

  @Test
  void aCompareOnTheModRevisionSeesEveryChange() {
    long first = put("a", "1");
    long second = put("a", "2");
    assertThat(txn(Txn.when(unchangedSince("a", first)).put("a", bytes("x"))).held()).isFalse();
    assertThat(txn(Txn.when(unchangedSince("a", second)).put("a", bytes("3"))).held()).isTrue();
    assertThat(txn(Txn.when(unchangedSince("b", 0)).put("b", bytes("1"))).held()).isTrue();
  }

  @Test
  void aCompareOnTheCreateRevisionSeesOnlyANewLife() {
    long first = put("a", "1");
    put("a", "2");
    assertThat(txn(Txn.when(createdAt("a", first)).put("a", bytes("3"))).held()).isTrue();
    txn(Txn.when().delete("a"));
    put("a", "4");
    assertThat(txn(Txn.when(createdAt("a", first)).put("a", bytes("5"))).held()).isFalse();
  }

  @Test
  void oneCompareThatFailsChangesNothingAndReadsTheElseKeys() {
    put("a", "1");
    var refused =
        txn(Txn.when(absent("b"), absent("a")).put("b", bytes("2")).elseGet("a").elseGet("c"));
    assertThat(refused.held()).isFalse();
    assertThat(refused.read()).extracting(MetadataStoreContract::text).containsExactly("1");
    assertThat(get("b")).isNull();
  }

  @Test
  void aRangeIsInKeyOrderAndEndsWithItsPrefix() {
    for (var key : List.of("b/2", "b/10", "a", "c", "b", "b/1")) {
      put(key, key);
    }
    assertThat(range("b/")).extracting(Entry::key).containsExactly("b/1", "b/10", "b/2");
    assertThat(range(""))
        .extracting(Entry::key)
        .containsExactly("a", "b", "b/1", "b/10", "b/2", "c");
    var some = result(store.range("b", 2, MetadataStore.NEWEST));
    assertThat(some.entries()).extracting(Entry::key).containsExactly("b", "b/1");
    assertThat(some.more()).isTrue();
  }

  @Test
  void aRangeAtARevisionIsWhatItWasThen() {
    long first = put("a", "1");
    put("a", "2");
    txn(Txn.when().delete("a"));
    var then = result(store.range("a", MetadataStore.NO_LIMIT, first));
    assertThat(then.entries()).extracting(MetadataStoreContract::text).containsExactly("1");
    assertThat(then.revision()).isEqualTo(first);
    assertThat(range("a")).isEmpty();
  }

  @Test
  void aCompactedOrFutureRevisionIsRefused() {
    long first = put("a", "1");
    long second = put("a", "2");
    result(store.compact(second));
    assertRefused(
        () -> result(store.range("a", MetadataStore.NO_LIMIT, first)), Refusal.OFFSET_OUT_OF_RANGE);
    assertRefused(
        () -> result(store.range("a", MetadataStore.NO_LIMIT, second + 1)),
        Refusal.OFFSET_OUT_OF_RANGE);
    assertThat(text(get("a"))).isEqualTo("2");
  }

  @Test
  void aWatchTellsEveryChangeInOrderFromARevisionOn() {
    put("a/1", "old");
    long from = put("a/1", "1");
    put("b", "other");
    txn(Txn.when().put("a/2", bytes("2")).delete("a/1"));
    var seen = new WatchRecorder();
    try (var watch = store.watch("a/", from, Runnable::run, seen)) {
      assertThat(watch).isNotNull();
      put("a/3", "3");
      assertThat(seen.take(4))
          .containsExactly("put a/1=1", "put a/2=2", "deleted a/1", "put a/3=3");
    }
  }

  @Test
  void aWatchFromTheFutureWaits() {
    long now = put("a", "1");
    var seen = new WatchRecorder();
    try (var watch = store.watch("a", now + 2, Runnable::run, seen)) {
      assertThat(watch).isNotNull();
      put("a", "2");
      put("a", "3");
      assertThat(seen.take(1)).containsExactly("put a=3");
    }
  }

  @Test
  void aWatchThatAsksForCompactedRevisionsIsToldSo() {
    long first = put("a", "1");
    long second = put("a", "2");
    result(store.compact(second));
    var seen = new WatchRecorder();
    try (var watch = store.watch("a", first, Runnable::run, seen)) {
      assertThat(watch).isNotNull();
      assertThat(seen.take(1)).containsExactly("compacted " + second);
    }
    var next = new WatchRecorder();
    try (var watch = store.watch("a", second + 1, Runnable::run, next)) {
      assertThat(watch).isNotNull();
      put("a", "3");
      assertThat(next.take(1)).containsExactly("put a=3");
    }
  }

  @Test
  void theCompactedRevisionItselfCannotBeWatched() {
    put("a", "1");
    long deleted = txn(Txn.when().delete("a")).revision();
    result(store.compact(deleted));
    result(store.compact(deleted));
    var seen = new WatchRecorder();
    try (var watch = store.watch("a", deleted, Runnable::run, seen)) {
      assertThat(watch).isNotNull();
      assertThat(seen.take(1)).containsExactly("compacted " + deleted);
    }
  }

  @Test
  void aRangeOfManyKeysIsWhole() {
    int keys = 20 * MetadataStore.MAX_TXN_OPS;
    for (int from = 0; from < keys; from += MetadataStore.MAX_TXN_OPS) {
      var txn = Txn.when();
      for (int key = from; key < from + MetadataStore.MAX_TXN_OPS; key++) {
        txn.put("a/" + key, bytes("1"));
      }
      txn(txn);
    }
    long last = put("b", "1");
    assertThat(range("a/")).hasSize(keys).isSortedAccordingTo(comparing(Entry::key));
    var some = result(store.range("a/", keys - 1, last));
    assertThat(some.entries()).hasSize(keys - 1);
    assertThat(some.more()).isTrue();
    assertThat(some.revision()).isEqualTo(last);
  }

  @Test
  void aClosedWatchHearsNothingMore() {
    var seen = new WatchRecorder();
    var watch = store.watch("a", put("b", "1") + 1, Runnable::run, seen);
    watch.close();
    var other = new WatchRecorder();
    try (var open = store.watch("a", put("a", "1"), Runnable::run, other)) {
      assertThat(open).isNotNull();
      other.take(1);
    }
    assertThat(seen.told).isEmpty();
  }

  @Test
  void aWatchWhoseLaneFallsBehindIsEndedAsCompacted() {
    var heldBack = new ConcurrentLinkedQueue<Runnable>();
    var seen = new WatchRecorder();
    var other = new WatchRecorder();
    long from = put("b", "0") + 1;
    // A quarter more than fits, so that one watch may lag behind the other.
    int txns = MetadataStore.MAX_WATCH_BACKLOG / MetadataStore.MAX_TXN_OPS * 5 / 4;
    try (var watch = store.watch("a", from, heldBack::add, seen);
        var witness = store.watch("a", from, Runnable::run, other)) {
      assertThat(watch).isNotNull();
      assertThat(witness).isNotNull();
      for (int done = 0; done < txns; done += TXNS_AT_A_TIME) {
        var puts = new ArrayList<CompletionStage<TxnResult>>();
        for (int i = 0; i < TXNS_AT_A_TIME; i++) {
          var txn = Txn.when();
          IntStream.range(0, MetadataStore.MAX_TXN_OPS).forEach(k -> txn.put("a" + k, bytes("")));
          puts.add(store.txn(txn.build()));
        }
        puts.forEach(put -> assertThat(result(put).held()).isTrue());
      }
      other.take(txns * MetadataStore.MAX_TXN_OPS);
      get("a"); // and the other watch has been told as much
      for (var task = heldBack.poll(); task != null; task = heldBack.poll()) {
        task.run();
      }
      assertThat(seen.told.stream().filter(told -> told.startsWith("compacted"))).hasSize(1);
      assertThat(seen.told.size()).isLessThan(txns * MetadataStore.MAX_TXN_OPS);
    }
  }

  @Test
  void theKeysOfALeaseGoWhenItIsNotKeptAlive() {
    long lease = grant();
    long put = txn(Txn.when().put("a", bytes("1"), lease).put("b", bytes("1"))).revision();
    assertThat(get("a").lease()).isEqualTo(lease);
    var seen = new WatchRecorder();
    try (var watch = store.watch("a", put + 1, Runnable::run, seen)) {
      assertThat(watch).isNotNull();
      while (seen.isSilent()) {
        passSomeTime();
        get("b");
      }
      assertThat(seen.take(1)).containsExactly("deleted a");
      assertThat(get("a")).isNull();
      assertThat(get("b")).isNotNull();
      assertThatThrownBy(() -> result(store.keepAliveOnce(lease))).isInstanceOf(Fault.Fenced.class);
    }
  }

  @Test
  void aLeaseKeptAliveOutlivesOneThatIsNot() {
    long kept = grant();
    long left = grant();
    long put =
        txn(Txn.when().put("kept", bytes("1"), kept).put("left", bytes("1"), left)).revision();
    var seen = new WatchRecorder();
    try (var watch = store.watch("left", put + 1, Runnable::run, seen)) {
      assertThat(watch).isNotNull();
      do {
        passSomeTime();
        assertThat(result(store.keepAliveOnce(kept))).isGreaterThanOrEqualTo(TTL_MS);
      } while (seen.isSilent());
      assertThat(seen.take(1)).containsExactly("deleted left");
      assertThat(get("kept")).isNotNull();
    }
  }

  @Test
  void revokingALeaseDeletesItsKeysAtOnce() {
    long lease = grant();
    long other = grant();
    assertThat(other).isNotEqualTo(lease);
    txn(Txn.when().put("a", bytes("1"), lease).put("b", bytes("1"), lease));
    txn(Txn.when().put("b", bytes("2"), other));
    result(store.revoke(lease));
    assertThat(range("")).extracting(Entry::key).containsExactly("b");
    result(store.revoke(lease));
  }

  @Test
  void aKeyCannotBePutUnderALeaseThatIsGone() {
    assertThatThrownBy(() -> txn(Txn.when().put("a", bytes("1"), 77)))
        .isInstanceOf(Fault.Fenced.class);
    assertThat(get("a")).isNull();
  }

  /** Etcd could compare leases, which would not tell the two apart; jetcd cannot. */
  @Test
  void aKeyTakenAgainUnderItsOldLeaseIsAnotherOne() {
    long lease = grant();
    long first = txn(Txn.when().put("seat", bytes("1"), lease)).revision();
    txn(Txn.when().delete("seat"));
    txn(Txn.when().put("seat", bytes("1"), lease));
    assertThat(get("seat").lease()).isEqualTo(lease);
    var late = Txn.when(Txn.Compare.createdAt("seat", first)).put("late", bytes("1"));
    assertThat(txn(late).held()).isFalse();
    assertThat(get("late")).isNull();
  }

  @Test
  void aLeaseOutlivesARestartAndThenItsTimeGoesOn() {
    long lease = grant();
    long put = txn(Txn.when().put("a", bytes("1"), lease)).revision();
    restart();
    assertThat(get("a").lease()).isEqualTo(lease);
    assertThat(result(store.keepAliveOnce(lease))).isGreaterThanOrEqualTo(TTL_MS);
    assertThat(grant()).isNotEqualTo(lease);
    var seen = new WatchRecorder();
    try (var watch = store.watch("a", put + 1, Runnable::run, seen)) {
      assertThat(watch).isNotNull();
      while (seen.isSilent()) {
        passSomeTime();
        get("a");
      }
      assertThat(seen.take(1)).containsExactly("deleted a");
    }
  }

  @Test
  void aRestartKeepsValuesAndRevisions() {
    put("a", "1");
    txn(Txn.when().delete("a"));
    long last = put("b", "2");
    restart();
    assertThat(get("a")).isNull();
    assertThat(get("b").modRevision()).isEqualTo(last);
    assertThat(put("b", "3")).isEqualTo(last + 1);
    assertThat(get("b").createRevision()).isEqualTo(last);
  }

  @Test
  void aWatchFromBeforeARestartIsToldThatItMissedSomething() {
    long first = put("a", "1");
    put("a", "2");
    restart();
    var seen = new WatchRecorder();
    try (var watch = store.watch("a", first, Runnable::run, seen)) {
      assertThat(watch).isNotNull();
      assertThat(seen.take(1).getFirst())
          .startsWith(forgetsHistoryAtRestart() ? "compacted" : "put");
    }
  }

  @Test
  void aTransactionHasLimits() {
    var full = Txn.when();
    IntStream.range(0, MetadataStore.MAX_TXN_OPS).forEach(i -> full.put("k" + i, bytes("")));
    assertThat(txn(full).held()).isTrue();
    var over = Txn.when();
    IntStream.range(0, MetadataStore.MAX_TXN_OPS + 1).forEach(i -> over.put("k" + i, bytes("")));
    assertRefused(() -> txn(over), Refusal.INVALID_REQUEST);
    assertThat(txn(Txn.when().put("k", new byte[MetadataStore.MAX_TXN_BYTES - 1])).held()).isTrue();
    assertRefused(
        () -> txn(Txn.when().put("k", new byte[MetadataStore.MAX_TXN_BYTES])),
        Refusal.INVALID_REQUEST);
    assertRefused(() -> txn(Txn.when().put("k", bytes("1")).delete("k")), Refusal.INVALID_REQUEST);
    assertRefused(() -> txn(Txn.when().put("ü", bytes("1"))), Refusal.INVALID_REQUEST);
    assertRefused(() -> txn(Txn.when().put("", bytes("1"))), Refusal.INVALID_REQUEST);
  }

  @Test
  void aClosedStoreRefusesAndMayBeClosedAgain() {
    assertThat(store.stopped().toCompletableFuture()).isNotDone();
    store.close();
    store.close();
    assertThat(result(store.stopped())).isInstanceOf(Fault.Retriable.class);
    assertThatThrownBy(() -> get("a")).isInstanceOf(Fault.class);
  }

  protected final Entry get(String key) {
    return result(store.get(key));
  }

  private List<Entry> range(String prefix) {
    return result(store.range(prefix, MetadataStore.NO_LIMIT, MetadataStore.NEWEST)).entries();
  }

  protected final long grant() {
    long lease = result(store.grant(TTL_MS));
    leases.add(lease);
    return lease;
  }

  private long put(String key, String value) {
    return txn(Txn.when().put(key, bytes(value))).revision();
  }

  protected final TxnResult txn(Txn.Builder txn) {
    return result(store.txn(txn.build()));
  }

  protected static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static String text(Entry entry) {
    return new String(entry.value(), StandardCharsets.US_ASCII);
  }

  private static void assertRefused(ThrowingCallable call, Refusal refusal) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Fault.Refused.class, fault -> assertThat(fault.refusal()).isEqualTo(refusal));
  }
}
