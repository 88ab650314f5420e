package io.tidelog.metadata.store.etcd;

import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.move.PartitionMovesContract;
import io.tidelog.testkit.etcd.EtcdServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** On a real etcd, each node with a connection of its own. */
class EtcdPartitionMovesTest extends PartitionMovesContract {

  private static final AtomicInteger TESTS = new AtomicInteger();

  private static EtcdServer etcd;

  private final String prefix = "/tidelog/moves" + TESTS.incrementAndGet() + "/";

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
}
