package io.tidelog.metadata.store.embedded;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.metadata.HandClock;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.store.MetadataStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedMetadataStoreTest extends MetadataStoreContract {

  @TempDir private Path folder;

  private final HandClock clock = new HandClock();

  @Override
  protected MetadataStore openStore() {
    return EmbeddedMetadataStore.open(folder.resolve("metadata"), clock);
  }

  @Override
  protected void passMs(long ms) {
    clock.passMs(ms);
  }

  @Test
  void aFolderInUseIsRefused() {
    assertThatThrownBy(this::openStore).isInstanceOf(Fault.Broken.class);
  }
}
