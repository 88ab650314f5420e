package io.tidelog.metadata.store.etcd;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.auth.Permission;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.api.MetadataStore.WatchListener;
import io.tidelog.metadata.api.Txn;
import io.tidelog.testkit.etcd.EtcdServer;
import io.tidelog.testkit.etcd.TestCertificates;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS in both directions, user and password, and a database that is full. */
class EtcdSecurityTest {

  @TempDir private Path folder;

  @Test
  void etcdIsReachedOverTlsWithAClientCertificateAndNotWithout() throws Exception {
    var ours = TestCertificates.create(folder.resolve("ours"), "ours").sign("etcd").sign("node");
    var others = TestCertificates.create(folder.resolve("others"), "others").sign("node");
    var flags =
        List.of(
            "--cert-file=" + ours.certificate("etcd"),
            "--key-file=" + ours.key("etcd"),
            "--trusted-ca-file=" + ours.authority(),
            "--client-cert-auth");
    try (var etcd = EtcdServer.start(folder.resolve("etcd"), flags, "https")) {
      try (var store = tls(etcd, ours, ours).open()) {
        put(store, "a");
        assertThat(result(store.get("a"))).isNotNull();
      }
      try (var store = tls(etcd, ours, others).open()) {
        assertThatThrownBy(() -> put(store, "b")).isInstanceOf(Fault.class);
      }
      try (var store =
          Etcd.at(etcd.endpoint()).with(EtcdSettings.TLS_CA_FILE, ours.authority()).open()) {
        assertThatThrownBy(() -> put(store, "b")).isInstanceOf(Fault.class);
      }
      try (var store = tls(etcd, others, ours).open()) {
        assertWrongConfig(() -> put(store, "b"), "TLS");
      }
      try (var store = Etcd.at(etcd.endpoint()).open()) {
        assertThatThrownBy(() -> put(store, "b")).isInstanceOf(Fault.Uncertain.class);
      }
      try (var store = tls(etcd, ours, ours).open()) {
        assertThat(result(store.get("b"))).isNull();
      }
    }
  }

  @Test
  void aUserReachesItsOwnPrefixOnly() throws Exception {
    var quick = List.of("--auth-token-ttl=1");
    try (var etcd = EtcdServer.start(folder, quick, "http")) {
      enableUsers(etcd);
      try (var store = user(etcd, "tidelog", "hunter2").open()) {
        var told = new LinkedBlockingQueue<String>();
        try (var watch = store.watch("a", put(store, "b") + 1, Runnable::run, listener(told))) {
          assertThat(watch).isNotNull();
          put(store, "a");
          assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("a");
          long lease = result(store.grant(60_000));
          assertThat(result(store.keepAliveOnce(lease))).isEqualTo(60_000);
          // A new login is needed when etcd has forgotten the old one.
          etcd.kill();
          etcd.restart();
          putWhenPossible(store, "a2");
          assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("a2");
        }
      }
      try (var store = user(etcd, "tidelog", "wrong").open()) {
        assertWrongConfig(() -> put(store, "a"), "tidelog.etcd.password");
        assertWrongConfig(() -> result(store.get("a")), "tidelog.etcd.password");
      }
      try (var store = user(etcd, "tidelog", "hunter2").prefix("/elsewhere/").open()) {
        assertWrongConfig(() -> put(store, "a"), "tidelog.etcd.prefix");
        assertWrongConfig(() -> result(store.range("", 0, 0)), "tidelog.etcd.prefix");
      }
      try (var store = Etcd.at(etcd.endpoint()).open()) {
        assertWrongConfig(() -> put(store, "a"), "tidelog.etcd.username");
      }
    }
  }

  @Test
  void aUserWhereThereAreNoneIsAWrongConfiguration() throws Exception {
    try (var etcd = EtcdServer.start(folder);
        var store = user(etcd, "tidelog", "hunter2").open()) {
      assertWrongConfig(() -> put(store, "a"), "disabled");
    }
  }

  @Test
  void aFullDatabaseTakesNoWritesAndSaysSo() throws Exception {
    var small = List.of("--quota-backend-bytes=2097152");
    try (var etcd = EtcdServer.start(folder, small, "http");
        var store = Etcd.at(etcd.endpoint()).open()) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 100; i++) {
                  result(store.txn(Txn.when().put("a" + i, new byte[100_000]).build()));
                }
              })
          .isInstanceOf(Fault.Retriable.class)
          .hasMessageContaining("database is full");
      assertThatThrownBy(() -> result(store.grant(1000))).isInstanceOf(Fault.Retriable.class);
      assertThat(result(store.get("a0"))).isNotNull();
    }
  }

  private static void enableUsers(EtcdServer etcd) throws Exception {
    try (var root = Client.builder().endpoints("http://" + etcd.endpoint()).build()) {
      var auth = root.getAuthClient();
      auth.userAdd(bytes("root"), bytes("root")).get();
      auth.userGrantRole(bytes("root"), bytes("root")).get();
      auth.userAdd(bytes("tidelog"), bytes("hunter2")).get();
      auth.roleAdd(bytes("tidelog")).get();
      auth.roleGrantPermission(
              bytes("tidelog"), bytes("/tidelog/"), bytes("/tidelog0"), Permission.Type.READWRITE)
          .get();
      auth.userGrantRole(bytes("tidelog"), bytes("tidelog")).get();
      auth.authEnable().get();
    }
  }

  private static Etcd user(EtcdServer etcd, String name, String password) {
    return Etcd.at(etcd.endpoint())
        .with(EtcdSettings.USERNAME, name)
        .with(EtcdSettings.PASSWORD, password);
  }

  private static Etcd tls(EtcdServer etcd, TestCertificates trusted, TestCertificates shown) {
    return Etcd.at(etcd.endpoint())
        .with(EtcdSettings.TLS_CA_FILE, trusted.authority())
        .with(EtcdSettings.TLS_CERT_FILE, shown.certificate("node"))
        .with(EtcdSettings.TLS_KEY_FILE, shown.key("node"));
  }

  private static long put(EtcdMetadataStore store, String key) {
    return result(store.txn(Txn.when().put(key, new byte[1]).build())).revision();
  }

  private static void putWhenPossible(EtcdMetadataStore store, String key) {
    for (int tries = 1; ; tries++) {
      try {
        put(store, key);
        return;
      } catch (Fault.Uncertain | Fault.Retriable notYet) {
        assertThat(tries).as("tries, the last one: %s", notYet).isLessThan(1000);
      }
    }
  }

  private static WatchListener listener(LinkedBlockingQueue<String> told) {
    return new WatchListener() {
      @Override
      public void onEvents(long revision, List<WatchEvent> events) {
        events.forEach(event -> told.add(event.key()));
      }

      @Override
      public void onCompacted(long compactedRevision) {
        told.add("compacted");
      }
    };
  }

  private static void assertWrongConfig(ThrowingCallable call, String named) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Fault.Refused.class,
            refused -> assertThat(refused.refusal()).isEqualTo(Refusal.INVALID_CONFIG))
        .hasMessageContaining(named);
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }
}
