package io.tidelog.metadata.store.embedded;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.metadata.HandClock;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.api.Txn;
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
  protected void passSomeTime() {
    clock.passMs(300);
  }

  @Test
  void aLeaseLastsExactlyItsTime() {
    long lease = grant();
    txn(Txn.when().put("a", bytes("1"), lease));
    clock.passMs(900);
    assertThat(get("a").lease()).isEqualTo(lease);
    clock.passMs(200);
    assertThat(get("a")).isNull();
    assertThatThrownBy(() -> result(store.keepAliveOnce(lease))).isInstanceOf(Fault.Fenced.class);
  }

  @Test
  void aLeaseKeptAliveLivesOn() {
    long lease = grant();
    txn(Txn.when().put("a", bytes("1"), lease));
    clock.passMs(900);
    assertThat(result(store.keepAliveOnce(lease))).isEqualTo(1000);
    clock.passMs(900);
    assertThat(get("a")).isNotNull();
  }

  @Test
  void aLeaseStartsItsTimeAnewAtARestart() {
    long lease = grant();
    txn(Txn.when().put("a", bytes("1"), lease));
    clock.passMs(900);
    restart();
    clock.passMs(900);
    assertThat(get("a")).isNotNull();
    clock.passMs(200);
    assertThat(get("a")).isNull();
    assertThat(grant()).isNotEqualTo(lease);
  }

  @Test
  void aFolderInUseIsRefused() {
    assertThatThrownBy(this::openStore).isInstanceOf(Fault.Broken.class);
  }
}
