package io.tidelog.metadata.store.etcd;

import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.store.MetadataStoreContract;
import io.tidelog.testkit.etcd.EtcdServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a real etcd, every test below a prefix of its own. */
class EtcdMetadataStoreTest extends MetadataStoreContract {

  private static final AtomicInteger TESTS = new AtomicInteger();

  private static EtcdServer etcd;

  private final String prefix = "/tidelog/test" + TESTS.incrementAndGet() + "/";

  @BeforeAll
  static void startEtcd(@TempDir Path folder) throws IOException {
    etcd = EtcdServer.start(folder);
  }

  @AfterAll
  static void stopEtcd() {
    etcd.close();
  }

  @Override
  protected MetadataStore openStore() {
    return Etcd.at(etcd.endpoint()).prefix(prefix).open();
  }

  @Override
  protected void passSomeTime() {
    // Its clock is the real one; the test waits for what is told meanwhile.
  }

  @Override
  protected boolean forgetsHistoryAtRestart() {
    return false;
  }
}
