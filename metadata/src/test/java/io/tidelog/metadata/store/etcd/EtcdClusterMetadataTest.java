package io.tidelog.metadata.store.etcd;

import static io.tidelog.metadata.Await.result;

import io.tidelog.metadata.ClusterMetadataContract;
import io.tidelog.metadata.LaneThread;
import io.tidelog.metadata.Waiting;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.image.ClusterView;
import io.tidelog.metadata.image.ImageKeeper;
import io.tidelog.metadata.image.StoreFollower;
import io.tidelog.testkit.etcd.EtcdServer;
import io.tidelog.testkit.net.TcpProxy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real etcd, each node with a connection of its own. */
class EtcdClusterMetadataTest extends ClusterMetadataContract {

  private static final AtomicInteger TESTS = new AtomicInteger();

  private static EtcdServer etcd;

  private final String prefix = "/tidelog/cluster" + TESTS.incrementAndGet() + "/";

  @BeforeAll
  static void startEtcd(@TempDir Path folder) throws IOException {
    etcd = EtcdServer.start(folder);
  }

  @AfterAll
  static void stopEtcd() {
    etcd.close();
  }

  @Override
  protected MetadataStore connect() {
    return Etcd.at(etcd.endpoint()).prefix(prefix).open();
  }

  /** It has its watch only: nothing is read anew by the clock. */
  @Test
  void aNodeCutOffForLongerThanHistoryIsKeptSeesWhatItMissed() throws Exception {
    try (var proxy = TcpProxy.to(etcd.address());
        var lane = new LaneThread();
        var store = connectThrough(proxy)) {
      var empty = ClusterView.empty(9, TopicDefaults.of(Map.of()));
      var images = new ImageKeeper(store, lane, Etcd.CLOCK, empty, StoreFollower.NEVER);
      result(images.start());
      createTopic("before");
      Waiting.until(lane, "a topic", () -> images.current().topic("before") != null);
      proxy.refuse();
      var missed = createTopic("missed");
      createTopic("missed-too");
      awaitForgotten(missed.modRevision());
      proxy.accept();
      Waiting.until(lane, "what it missed", () -> images.current().topic("missed") != null);
      createTopic("after");
      Waiting.until(lane, "what comes now", () -> images.current().topic("after") != null);
    }
  }

  private MetadataStore connectThrough(TcpProxy proxy) {
    return Etcd.at(proxy.endpoint())
        .prefix(prefix)
        .with(EtcdSettings.RECONNECT_MS, 200)
        .with(EtcdSettings.WATCH_IDLE_MS, 200)
        .open();
  }
}
