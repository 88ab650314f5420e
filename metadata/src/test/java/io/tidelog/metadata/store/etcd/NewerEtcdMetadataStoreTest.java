package io.tidelog.metadata.store.etcd;

import io.tidelog.testkit.etcd.EtcdServer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** The next etcd, 3.5, which {@code ./tidelog test} fetches where it can. */
@Tag("newer-etcd")
class NewerEtcdMetadataStoreTest extends EtcdStoreContract {

  private static EtcdServer etcd;

  @BeforeAll
  static void startEtcd(@TempDir Path folder) throws IOException {
    etcd = EtcdServer.startNewer(folder);
  }

  @AfterAll
  static void stopEtcd() {
    etcd.close();
  }

  @Override
  EtcdServer etcd() {
    return etcd;
  }
}
