package io.tidelog.metadata.store.etcd;

import static io.tidelog.metadata.Await.result;
import static io.tidelog.metadata.api.Txn.Compare.absent;
import static io.tidelog.metadata.api.Txn.Compare.createdAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.tidelog.core.Fault;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import io.tidelog.testkit.etcd.EtcdServer;
import io.tidelog.testkit.net.TcpProxy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls while etcd is dead, frozen or late; beside them the client as it is without our rules. */
class EtcdOutageTest {

  private static final int TIMEOUT_MS = 1000;

  /** A deadline, a retry of a read, and what a busy machine adds. */
  private static final long SOON_MS = 4L * TIMEOUT_MS;

  private static EtcdServer etcd;

  @BeforeAll
  static void startEtcd(@TempDir Path folder) throws IOException {
    etcd = EtcdServer.start(folder);
    // The first call of all loads gRPC, which takes longer than the deadlines below.
    try (var patient = Etcd.at(etcd.endpoint()).timeoutMs(30_000).open()) {
      put(patient, "a", "1");
    }
  }

  @AfterAll
  static void stopEtcd() {
    etcd.close();
  }

  @Test
  void aCallThatFoundNoEtcdIsNotCarriedOutLater() throws Exception {
    try (var plain = plainClient();
        var store = store("/ghost/").open()) {
      value(store, "before"); // until it is connected
      put(store, "before", "1");
      etcd.kill();
      var ghost = plain.getKVClient().put(bytes("/ghost/plain"), bytes("1"));
      assertThatThrownBy(() -> ghost.get(TIMEOUT_MS, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      ghost.cancel(true);
      assertThatThrownBy(() -> put(store, "ours", "1")).isInstanceOf(Fault.Uncertain.class);
      etcd.restart();
      // Given up and cancelled, and carried out all the same.
      while (value(store, "plain") == null) {
        assertThat(value(store, "ours")).isNull();
      }
      assertThat(value(store, "ours")).isNull();
      assertThat(value(store, "before")).isEqualTo("1");
    } finally {
      restartIfDead();
    }
  }

  /** gRPC by itself waits longer after each try, some 6 s by then and 2 minutes in the end. */
  @Test
  void anEtcdThatWasAwayForLongIsReachedSoonAfterItIsBack() throws Exception {
    try (var store = store("/away/").with(EtcdSettings.RECONNECT_MS, 500).open()) {
      put(store, "a", "1");
      etcd.kill();
      long goneNs = System.nanoTime();
      while (elapsedMs(goneNs) < 11_000) {
        assertThatThrownBy(() -> result(store.get("a"))).isInstanceOf(Fault.Retriable.class);
      }
      etcd.restart();
      long backNs = System.nanoTime();
      assertThat(value(store, "a")).isEqualTo("1");
      assertThat(elapsedMs(backNs)).isLessThan(3_000);
      put(store, "a", "2");
    } finally {
      restartIfDead();
    }
  }

  @Test
  void aFrozenEtcdEndsEveryCallInTime() throws Exception {
    try (var plain = plainClient();
        var store = store("/frozen/").open()) {
      value(store, "a"); // until it is connected
      put(store, "a", "1");
      long lease = result(store.grant(60_000));
      plain.getKVClient().get(bytes("/frozen/a")).get(30, TimeUnit.SECONDS);
      etcd.pause();
      var plainKeepAlive = plain.getLeaseClient().keepAliveOnce(lease);
      var plainGet = plain.getKVClient().get(bytes("/frozen/a"));
      long startNs = System.nanoTime();
      var txn = store.txn(Txn.when().put("a", "2".getBytes(StandardCharsets.US_ASCII)).build());
      var get = store.get("a");
      var range = store.range("", 0, 0);
      var keepAlive = store.keepAliveOnce(lease);
      var grant = store.grant(1000);
      var revoke = store.revoke(lease);
      assertThatThrownBy(() -> result(txn)).isInstanceOf(Fault.Uncertain.class);
      assertThatThrownBy(() -> result(get)).isInstanceOf(Fault.Retriable.class);
      assertThatThrownBy(() -> result(range)).isInstanceOf(Fault.Retriable.class);
      assertThatThrownBy(() -> result(keepAlive)).isInstanceOf(Fault.Uncertain.class);
      assertThatThrownBy(() -> result(grant)).isInstanceOf(Fault.Uncertain.class);
      assertThatThrownBy(() -> result(revoke)).isInstanceOf(Fault.Uncertain.class);
      assertThat(elapsedMs(startNs)).isLessThan(SOON_MS);
      assertThat(plainKeepAlive).as("without a time-out of its own").isNotDone();
      assertThat(plainGet).as("without a deadline").isNotDone();
      assertThat(store.stopped().toCompletableFuture()).isNotDone();
      etcd.resume();
      assertThat(value(store, "a")).as("it may have happened").isIn("1", "2");
      put(store, "a", "3");
      assertThat(value(store, "a")).isEqualTo("3");
    } finally {
      etcd.resume();
    }
  }

  @Test
  void aReadOfADeadEtcdEndsSoonAlthoughItIsTriedAgain() throws Exception {
    try (var impatient =
            Client.builder().endpoints("http://" + etcd.endpoint()).waitForReady(false).build();
        var store = store("/dead/").open()) {
      value(store, "a");
      impatient.getKVClient().get(bytes("a")).get(30, TimeUnit.SECONDS);
      etcd.kill();
      long startNs = System.nanoTime();
      assertThatThrownBy(() -> store.get("a").toCompletableFuture().get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(Fault.Retriable.class);
      long oursMs = elapsedMs(startNs);
      startNs = System.nanoTime();
      assertThatThrownBy(() -> impatient.getKVClient().get(bytes("a")).get(30, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class);
      long plainMs = elapsedMs(startNs);
      assertThat(oursMs).isLessThan(SOON_MS).isLessThan(plainMs);
      assertThat(plainMs).as("two retries, half a second and one second apart").isGreaterThan(1000);
    } finally {
      restartIfDead();
    }
  }

  @Test
  void aLateTransactionOfAnOldLeaderIsStoppedByItsCompareOnly() throws Exception {
    try (var proxy = TcpProxy.to(etcd.address());
        var old = Etcd.at(proxy.endpoint()).prefix("/late/").timeoutMs(30_000).open();
        var next = store("/late/").open()) {
      long term = put(old, "leader", "old");
      proxy.hold();
      var fenced = txn(old, Txn.when(createdAt("leader", term)).put("fenced", ascii("old")));
      var unfenced = txn(old, Txn.when().put("unfenced", ascii("old")));
      result(txn(next, Txn.when(createdAt("leader", term)).delete("leader")));
      result(txn(next, Txn.when(absent("leader")).put("leader", ascii("new"))));
      put(next, "fenced", "new");
      put(next, "unfenced", "new");
      proxy.release();
      assertThat(result(fenced).held()).isFalse();
      assertThat(result(unfenced).held()).isTrue();
      assertThat(value(next, "fenced")).isEqualTo("new");
      assertThat(value(next, "unfenced")).as("a ghost wrote it").isEqualTo("old");
    }
  }

  @Test
  void closingEndsTheCallsThatEtcdDoesNotAnswer() throws Exception {
    var plain = plainClient();
    plain.close();
    assertThatThrownBy(() -> plain.getKVClient().get(bytes("a")).get(30, TimeUnit.SECONDS))
        .satisfiesAnyOf(
            failure -> assertThat(failure).isInstanceOf(RejectedExecutionException.class),
            failure -> assertThat(failure).hasCauseInstanceOf(RejectedExecutionException.class));
    var store = store("/closed/").timeoutMs(60_000).open();
    try {
      value(store, "a");
      etcd.pause();
      var txn = txn(store, Txn.when().put("a", ascii("1")));
      var get = store.get("a");
      store.close();
      // Uncertain if it was sent already, see EtcdCallsTest.
      assertThatThrownBy(() -> result(txn)).isInstanceOf(Fault.class);
      assertThatThrownBy(() -> result(get)).isInstanceOf(Fault.Retriable.class);
      assertThatThrownBy(() -> put(store, "a", "2")).isInstanceOf(Fault.Retriable.class);
      assertThatThrownBy(() -> result(store.grant(1000))).isInstanceOf(Fault.Retriable.class);
    } finally {
      etcd.resume();
      store.close();
    }
  }

  @Test
  void callsThatWaitBehindAFrozenEtcdAreNotSentAndMoreAreRefused() throws Exception {
    try (var store =
        store("/queue/")
            .with(EtcdSettings.CALLS_MAX, 1)
            .with(EtcdSettings.CALLS_WAITING_MAX, 2)
            .open()) {
      value(store, "a");
      etcd.pause();
      var sent = txn(store, Txn.when().put("a", ascii("1")));
      var waiting = txn(store, Txn.when().put("b", ascii("1")));
      var last = txn(store, Txn.when().put("c", ascii("1")));
      var refused = txn(store, Txn.when().put("d", ascii("1")));
      assertThatThrownBy(() -> result(refused))
          .isInstanceOf(Fault.Retriable.class)
          .hasMessageContaining("3 calls");
      assertThatThrownBy(() -> result(sent)).isInstanceOf(Fault.Uncertain.class);
      assertThatThrownBy(() -> result(waiting)).isInstanceOf(Fault.class);
      assertThatThrownBy(() -> result(last)).isInstanceOf(Fault.Retriable.class);
      etcd.resume();
      assertThat(value(store, "c")).isNull();
    } finally {
      etcd.resume();
    }
  }

  private static Etcd store(String prefix) {
    return Etcd.at(etcd.endpoint()).prefix(prefix).timeoutMs(TIMEOUT_MS);
  }

  /** jetcd as it comes. */
  private static Client plainClient() {
    return Client.builder().endpoints("http://" + etcd.endpoint()).build();
  }

  private static void restartIfDead() throws IOException {
    etcd.kill();
    etcd.restart();
  }

  private static long put(EtcdMetadataStore store, String key, String value) {
    return result(txn(store, Txn.when().put(key, ascii(value)))).revision();
  }

  private static CompletionStage<TxnResult> txn(EtcdMetadataStore store, Txn.Builder txn) {
    return store.txn(txn.build());
  }

  /** The key's value, as soon as etcd answers. */
  private static String value(EtcdMetadataStore store, String key) {
    long startNs = System.nanoTime();
    while (true) {
      try {
        var entry = result(store.get(key));
        return entry == null ? null : new String(entry.value(), StandardCharsets.US_ASCII);
      } catch (Fault.Retriable notYet) {
        assertThat(elapsedMs(startNs)).as("waiting for etcd: %s", notYet).isLessThan(30_000);
      }
    }
  }

  private static long elapsedMs(long startNs) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.US_ASCII);
  }
}
