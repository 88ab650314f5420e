package io.tidelog.metadata.store.etcd;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.core.Clock;
import io.tidelog.metadata.LaneThread;
import io.tidelog.metadata.Waiting;
import io.tidelog.metadata.api.Endpoint;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.NodeRegistration;
import io.tidelog.metadata.api.NodeRole;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.node.NodeSession;
import io.tidelog.metadata.node.SessionLimits;
import io.tidelog.metadata.store.MetadataStoreContract;
import io.tidelog.testkit.etcd.EtcdServer;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The contract on a real etcd, every test below a prefix of its own. */
abstract class EtcdStoreContract extends MetadataStoreContract {

  private static final AtomicInteger TESTS = new AtomicInteger();

  private final String prefix = "/tidelog/test" + TESTS.incrementAndGet() + "/";

  /** One for all tests. */
  abstract EtcdServer etcd();

  private Etcd settings() {
    return Etcd.at(etcd().endpoint()).prefix(prefix);
  }

  @Override
  protected MetadataStore openStore() {
    return settings().open();
  }

  @Override
  protected void passSomeTime() {
    // Its clock is the real one; the test waits for what is told meanwhile.
  }

  @Override
  protected boolean forgetsHistoryAtRestart() {
    return false;
  }

  /** jetcd's own way to keep a lease counts on the wall clock, and sends nothing for that hour. */
  @Test
  void aWallClockSetBackByAnHourCostsNoLease() {
    var clock = new SetClock();
    try (var lane = new LaneThread();
        var store = EtcdMetadataStore.open(settings().config(), clock)) {
      long unattended = result(store.grant(1000));
      result(store.txn(Txn.when().put("unattended", new byte[1], unattended).build()));
      var session = new NodeSession(store, lane, clock, new SessionLimits(1000, 100), node());
      result(session.start());
      long lease = result(store.get(Keys.node(3))).lease();
      clock.setBack(Duration.ofHours(1));
      Waiting.until(lane, "a lease ran out", () -> result(store.get("unattended")) == null);
      result(store.txn(Txn.when().put("again", new byte[1], result(store.grant(1000))).build()));
      Waiting.until(lane, "and another", () -> result(store.get("again")) == null);
      assertThat(result(store.get(Keys.node(3))).lease()).isEqualTo(lease);
      result(CompletableFuture.supplyAsync(session::leave, lane).thenCompose(left -> left));
    }
  }

  private static NodeRegistration node() {
    var at = new Endpoint("node-3", 9092);
    return new NodeRegistration(
        3, Set.of(NodeRole.HOT), null, at, at, null, new UUID(3, 1), new UUID(3, 2), false);
  }

  private static final class SetClock implements Clock {

    private volatile long backMs;

    void setBack(Duration by) {
      backMs = by.toMillis();
    }

    @Override
    public long wallMs() {
      return System.currentTimeMillis() - backMs;
    }

    @Override
    public long monotonicNs() {
      return System.nanoTime();
    }
  }
}
