package io.tidelog.metadata.move;

import static io.tidelog.metadata.Await.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.metadata.FaultyWatchStore;
import io.tidelog.metadata.LaneThread;
import io.tidelog.metadata.Waiting;
import io.tidelog.metadata.WallClock;
import io.tidelog.metadata.api.MetadataStore;
import io.tidelog.metadata.image.Keys;
import io.tidelog.metadata.image.StoredValues;
import io.tidelog.metadata.store.embedded.EmbeddedMetadataStore;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the embedded store, which several nodes share only here. */
class StorePartitionMovesTest extends PartitionMovesContract {

  @TempDir private Path folder;

  private @Nullable MetadataStore shared;

  @Override
  protected MetadataStore connect() {
    if (shared == null) {
      shared = EmbeddedMetadataStore.open(folder, new WallClock());
    }
    return shared;
  }

  /** A leader that believed it would open again what another has taken over. */
  @Test
  void whatAWatchLostIsNotToldAsOfALaterRevision() {
    var lane = new LaneThread();
    var blindStore = FaultyWatchStore.losing(store(), key -> key.startsWith(Keys.TOPICS));
    var blind = new MoveNode(9, blindStore, lane, MAX_MOVES);
    var move = begin(4).getFirst();
    put(Keys.PRODUCER_IDS, StoredValues.number(1));
    Waiting.until(lane, "later", () -> blind.images.current().revision() > move.epoch());

    var old = blind.moves.standing(partition(4));
    assertThat(old.move()).isNull();
    assertThat(old.revision()).isLessThan(move.epoch());

    result(blind.moves.refresh());
    assertThat(blind.moves.standing(partition(4)).move()).isEqualTo(move);
    assertThat(blind.moves.all()).containsExactly(move);
    lane.kill();
  }
}
