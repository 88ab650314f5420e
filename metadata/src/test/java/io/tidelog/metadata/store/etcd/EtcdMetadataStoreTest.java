package io.tidelog.metadata.store.etcd;

import io.tidelog.testkit.etcd.EtcdServer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The etcd that is installed: Debian 12 has 3.4. */
class EtcdMetadataStoreTest extends EtcdStoreContract {

  private static EtcdServer etcd;

  @BeforeAll
  static void startEtcd(@TempDir Path folder) throws IOException {
    etcd = EtcdServer.start(folder);
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
