package io.tidelog.metadata;

import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.store.embedded.EmbeddedMetadataStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** On the embedded store, which several nodes share only here. */
class ClusterMetadataTest extends ClusterMetadataContract {

  @TempDir private static Path folder;

  private MetadataStore store;

  @Override
  protected MetadataStore connect() {
    if (store == null) {
      store =
          EmbeddedMetadataStore.open(
              folder.resolve(Long.toString(System.nanoTime())), new WallClock());
    }
    return store;
  }
}
