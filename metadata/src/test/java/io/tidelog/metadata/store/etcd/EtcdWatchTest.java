package io.tidelog.metadata.store.etcd;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchResponse;
import io.tidelog.core.Fault;
import io.tidelog.metadata.LaneThread;
import io.tidelog.metadata.Waiting;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.MetadataStore.WatchEvent;
import io.tidelog.metadata.api.Txn;
import io.tidelog.testkit.etcd.EtcdCluster;
import io.tidelog.testkit.etcd.EtcdServer;
import io.tidelog.testkit.net.TcpProxy;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watches through cuts, silence and outages; beside them jetcd's own, as it is without us. */
class EtcdWatchTest {

  private static EtcdServer etcd;

  @BeforeAll
  static void startEtcd(@TempDir Path folder) throws IOException {
    etcd = EtcdServer.start(folder);
  }

  @AfterAll
  static void stopEtcd() {
    etcd.close();
  }

  @Test
  void aConnectionCutBeforeTheHistoryWasToldLosesNothing() throws Exception {
    try (var proxy = TcpProxy.to(etcd.address());
        var plain = Client.builder().endpoints("http://" + proxy.endpoint()).build();
        var writer = store("/cut/").open();
        var store = Etcd.at(proxy.endpoint()).prefix("/cut/").open()) {
      long first = put(writer, "a", "0");
      IntStream.range(1, 10).forEach(i -> put(writer, "a", "" + i));
      plain.getKVClient().get(bytes("x")).get(30, TimeUnit.SECONDS);
      var plainSeen = new PlainRecorder();
      proxy.cutAfterServerSent(EtcdWatchTest::tellsThatAWatchBegan);
      try (var plainWatch =
          plain
              .getWatchClient()
              .watch(
                  bytes("/cut/a"), WatchOption.builder().withRevision(first).build(), plainSeen)) {
        assertThat(plainWatch).isNotNull();
        plainSeen.awaitError();

        result(store.get("x"));
        var seen = new Recorder();
        proxy.cutAfterServerSent(EtcdWatchTest::tellsThatAWatchBegan);
        try (var watch = store.watch("a", first, Runnable::run, seen)) {
          assertThat(watch).isNotNull();
          assertThat(seen.take(10)).isEqualTo(numbers(0, 10));
          while (!plainSeen.told.contains("end")) {
            put(writer, "a", "end");
            plainSeen.awaitSomething();
          }
          assertThat(plainSeen.told)
              .as("jetcd by itself")
              .doesNotContainAnyElementsOf(numbers(0, 9));
        }
      }
    }
  }

  @Test
  void noCutLosesOrRepeatsAnything() throws Exception {
    try (var proxy = TcpProxy.to(etcd.address());
        var writer = store("/cuts/").open();
        var store = Etcd.at(proxy.endpoint()).prefix("/cuts/").open()) {
      var seen = new Recorder();
      try (var watch = store.watch("a", put(writer, "b", "") + 1, Runnable::run, seen)) {
        assertThat(watch).isNotNull();
        for (int i = 0; i < 100; i++) {
          put(writer, "a", "" + i);
          if (i % 25 == 10) {
            proxy.cut();
          }
        }
        assertThat(seen.take(100)).isEqualTo(numbers(0, 100));
        assertThat(seen.told).isEmpty();
      }
    }
  }

  @Test
  void aWatchOutlivesADeathOfEtcd() throws Exception {
    try (var store = store("/death/").timeoutMs(3000).open()) {
      var seen = new Recorder();
      long from = put(store, "b", "") + 1;
      try (var watch = store.watch("a", from, Runnable::run, seen)) {
        assertThat(watch).isNotNull();
        put(store, "a", "0");
        assertThat(seen.take(1)).containsExactly("0");
        etcd.kill();
        assertThatThrownBy(() -> put(store, "a", "lost")).isInstanceOf(Fault.Uncertain.class);
        assertThat(store.stopped().toCompletableFuture()).as("an outage is no end").isNotDone();
        etcd.restart();
        try (var writer = store("/death/").open()) {
          put(writer, "a", "1");
        }
        assertThat(seen.take(1)).containsExactly("1");
      }
    }
  }

  @Test
  void aStreamThatFellSilentIsReplacedAndAnIdleOneIsNot() throws Exception {
    try (var first = TcpProxy.to(etcd.address());
        var second = TcpProxy.to(etcd.address());
        var plain =
            Client.builder()
                .endpoints("http://" + first.endpoint(), "http://" + second.endpoint())
                .build();
        var writer = store("/silent/").open();
        var store =
            Etcd.at(first.endpoint(), second.endpoint())
                .prefix("/silent/")
                .timeoutMs(500)
                .with(EtcdSettings.WATCH_IDLE_MS, 300)
                .open()) {
      var seen = new Recorder();
      var plainSeen = new PlainRecorder();
      long from = put(writer, "b", "") + 1;
      var option = WatchOption.builder().withRevision(from).build();
      try (var watch = store.watch("a", from, Runnable::run, seen);
          var plainWatch = plain.getWatchClient().watch(bytes("/silent/a"), option, plainSeen)) {
        assertThat(watch).isNotNull();
        assertThat(plainWatch).isNotNull();
        put(writer, "a", "both pass");
        assertThat(seen.take(1)).containsExactly("both pass");
        plainSeen.awaitSomething();
        // One of the two is the one that the watch is on.
        boolean plainMissedSome = false;
        for (var proxy : List.of(first, second)) {
          proxy.hold();
          put(writer, "a", proxy.endpoint());
          assertThat(seen.take(1)).containsExactly(proxy.endpoint());
          plainMissedSome |= !plainSeen.told.contains(proxy.endpoint());
          proxy.release();
        }
        assertThat(plainMissedSome).as("jetcd by itself waits").isTrue();
        assertThat(seen.told).isEmpty();
      }
    }
  }

  @Test
  void aMemberWithoutItsClusterEndsAWatchInsteadOfKeepingSilent(@TempDir Path folder)
      throws Exception {
    var quick = List.of("--heartbeat-interval=50", "--election-timeout=400");
    try (var cluster = EtcdCluster.start(folder, 3, quick)) {
      var alone = cluster.members().getFirst();
      var others = cluster.members().subList(1, 3);
      try (var plain = Client.builder().endpoints("http://" + alone.endpoint()).build();
          var store = Etcd.at(alone.endpoint()).prefix("/alone/").timeoutMs(3000).open()) {
        var seen = new Recorder();
        var told = new PlainRecorder();
        var silent = new PlainRecorder();
        long from = put(store, "b", "") + 1;
        try (var watch = store.watch("a", from, Runnable::run, seen);
            var ours =
                plain
                    .getWatchClient()
                    .watch(bytes("/alone/a"), EtcdWatch.options(bytes("/alone/b"), from), told);
            var plainWatch =
                plain
                    .getWatchClient()
                    .watch(
                        bytes("/alone/a"),
                        WatchOption.builder().withRevision(from).build(),
                        silent)) {
          assertThat(watch).isNotNull();
          assertThat(ours).isNotNull();
          assertThat(plainWatch).isNotNull();
          for (var other : others) {
            other.pause();
          }
          assertThat(told.awaitError()).hasMessageContaining("no leader");
          assertThat(silent.error).as("jetcd by itself").isNotDone();
          long startNs = System.nanoTime();
          assertThatThrownBy(() -> result(store.get("b"))).isInstanceOf(Fault.Retriable.class);
          assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs)).isLessThan(6000);
          for (var other : others) {
            other.resume();
          }
          putWhenPossible(store, "a", "0");
          assertThat(seen.take(1)).containsExactly("0");
        }
      }
    }
  }

  @Test
  void moreHistoryThanFitsOneAnswerIsToldAsMissedAndReadInstead() throws Exception {
    var large = "x".repeat(512 * 1024);
    try (var plain = Client.builder().endpoints("http://" + etcd.endpoint()).build();
        var store = store("/large/").open();
        var small =
            store("/large/").with(EtcdSettings.RESPONSE_MAX_BYTES, 4 * 1024 * 1024).open()) {
      long first = put(store, "a/0", large);
      IntStream.range(1, 10).forEach(i -> put(store, "a/" + i, large));

      assertThatThrownBy(
              () ->
                  plain
                      .getKVClient()
                      .get(bytes("/large/"), GetOption.builder().isPrefix(true).build())
                      .get(30, TimeUnit.SECONDS))
          .as("jetcd by itself")
          .hasMessageContaining("exceeds maximum size");
      assertThat(result(store.range("a/", 0, 0)).entries()).hasSize(10);
      assertThatThrownBy(() -> result(small.range("a/", 0, 0)))
          .isInstanceOf(Fault.Refused.class)
          .hasMessageContaining(EtcdSettings.RESPONSE_MAX_BYTES.name());

      var seen = new Recorder();
      var missed = new Recorder();
      try (var watch = store.watch("a/", first, Runnable::run, seen);
          var tooSmall = small.watch("a/", first, Runnable::run, missed)) {
        assertThat(watch).isNotNull();
        assertThat(tooSmall).isNotNull();
        assertThat(seen.take(10)).containsOnly(large);
        assertThat(missed.take(1).getFirst()).startsWith("compacted");
      }
    }
  }

  @Test
  void aListenerMayWaitForTheStoreAndHoldsUpNobodyElse() throws Exception {
    try (var blocked = Client.builder().endpoints("http://" + etcd.endpoint()).useVertx().build();
        var lane = new LaneThread();
        var store = store("/wait/").open()) {
      var plainAnswer = new CompletableFuture<Object>();
      var answer = new CompletableFuture<Object>();
      long from = put(store, "b", "") + 1;
      var listener =
          Watch.listener(
              told -> {
                try {
                  plainAnswer.complete(
                      blocked.getKVClient().get(bytes("/wait/b")).get(1, TimeUnit.SECONDS));
                } catch (Exception e) {
                  plainAnswer.completeExceptionally(e);
                }
              });
      var option = WatchOption.builder().withRevision(from).build();
      try (var plainWatch = blocked.getWatchClient().watch(bytes("/wait/a"), option, listener);
          var watch =
              store.watch(
                  "a",
                  from,
                  lane,
                  new Recorder() {
                    @Override
                    public void onEvents(long revision, List<WatchEvent> events) {
                      answer.complete(result(store.get("b")));
                    }
                  })) {
        assertThat(plainWatch).isNotNull();
        assertThat(watch).isNotNull();
        put(store, "a", "1");
        assertThat(answer.get(30, TimeUnit.SECONDS)).isNotNull();
        assertThatThrownBy(() -> plainAnswer.get(30, TimeUnit.SECONDS))
            .as("with callbacks on an event loop")
            .hasCauseInstanceOf(TimeoutException.class);
      }
    }
  }

  /** Vert.x comes with jetcd and is nothing this module may name. */
  @Test
  void aVertxThatIsHandedInEndsWithTheClient() throws Exception {
    var type = Class.forName("io.vertx.core.Vertx");
    var ours = type.getMethod("vertx").invoke(null);
    var timer = type.getMethod("timer", long.class);
    var builder = Client.builder().endpoints("http://" + etcd.endpoint());
    builder.getClass().getMethod("vertx", type).invoke(builder, ours);
    try (var plain = builder.build()) {
      plain.getKVClient().get(bytes("a")).get(30, TimeUnit.SECONDS);
      assertThat(timer.invoke(ours, 1L)).isNotNull();
    }
    try (var lane = new LaneThread()) {
      Waiting.until(lane, "it takes no timer any more", () -> isRefused(timer, ours));
    }
  }

  private static boolean isRefused(Method timer, Object vertx) {
    try {
      timer.invoke(vertx, 1L);
      return false;
    } catch (InvocationTargetException e) {
      return e.getCause() instanceof RejectedExecutionException;
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aClosedStoreLeavesNoThreadBehind() throws Exception {
    var store = store("/threads/").open();
    result(store.grant(1000));
    try (var watch = store.watch("a", 1, Runnable::run, new Recorder())) {
      assertThat(watch).isNotNull();
    }
    assertThat(threads("metadata-etcd")).isEqualTo(1);
    store.close();
    try (var lane = new LaneThread()) {
      Waiting.until(lane, "its last steps are done", () -> threads("metadata-etcd") == 0);
    }
  }

  private static long threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(name))
        .count();
  }

  private static Etcd store(String prefix) {
    return Etcd.at(etcd.endpoint()).prefix(prefix);
  }

  /** Field 3 of etcd's WatchResponse, "created", is true. */
  private static boolean tellsThatAWatchBegan(byte[] sent) {
    return IntStream.range(1, sent.length).anyMatch(i -> sent[i - 1] == 0x18 && sent[i] == 1);
  }

  private static long put(MetadataStore store, String key, String value) {
    var txn = Txn.when().put(key, value.getBytes(StandardCharsets.US_ASCII)).build();
    return result(store.txn(txn)).revision();
  }

  private static void putWhenPossible(MetadataStore store, String key, String value) {
    for (int tries = 1; ; tries++) {
      try {
        put(store, key, value);
        return;
      } catch (Fault.Uncertain notYet) {
        assertThat(tries).as("tries, the last one: %s", notYet).isLessThan(100);
      }
    }
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.US_ASCII);
  }

  /** Writes down the values a watch tells. */
  private static class Recorder implements MetadataStore.WatchListener {

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    @Override
    public void onEvents(long revision, List<WatchEvent> events) {
      for (var event : events) {
        told.add(
            event instanceof WatchEvent.Put put
                ? new String(put.entry().value(), StandardCharsets.US_ASCII)
                : "deleted");
      }
    }

    @Override
    public void onCompacted(long compactedRevision) {
      told.add("compacted " + compactedRevision);
    }

    List<String> take(int count) throws InterruptedException {
      var taken = new ArrayList<String>();
      while (taken.size() < count) {
        var next = told.poll(30, TimeUnit.SECONDS);
        assertThat(next).as("told after %s of %s", taken.size(), count).isNotNull();
        taken.add(next);
      }
      return taken;
    }
  }

  /** Writes down the values a watch of jetcd tells, and its first failure. */
  private static final class PlainRecorder implements Watch.Listener {

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> news = new LinkedBlockingQueue<>();
    private final CompletableFuture<Throwable> error = new CompletableFuture<>();

    @Override
    public void onNext(WatchResponse response) {
      for (var event : response.getEvents()) {
        var value = event.getKeyValue().getValue().toString(StandardCharsets.US_ASCII);
        told.add(value);
        news.add(value);
      }
    }

    @Override
    public void onError(Throwable failure) {
      error.complete(failure);
    }

    @Override
    public void onCompleted() {
      error.complete(new IllegalStateException("completed"));
    }

    Throwable awaitError() throws Exception {
      return error.get(30, TimeUnit.SECONDS);
    }

    /** Waits a moment for news. */
    void awaitSomething() throws InterruptedException {
      news.poll(1, TimeUnit.SECONDS);
    }
  }
}
