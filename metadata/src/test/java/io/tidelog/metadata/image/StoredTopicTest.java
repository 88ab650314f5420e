package io.tidelog.metadata.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.Fault;
import io.tidelog.core.LogId;
import io.tidelog.metadata.api.Entry;
import io.tidelog.metadata.api.PartitionHomes;
import io.tidelog.metadata.api.PartitionHomes.Move;
import io.tidelog.metadata.api.TopicDefaults;
import io.tidelog.metadata.api.TopicImage;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StoredTopicTest {

  private static final LogId A = new LogId(new UUID(1, 1));
  private static final LogId B = new LogId(new UUID(1, 2));
  private static final UUID ID = new UUID(7, 7);
  private static final TopicDefaults DEFAULTS = TopicDefaults.of(Map.of());

  @Test
  void aMoveHasTheRevisionAtWhichItWasStoredFirst() {
    var moves = new TreeMap<>(Map.of(1, new Move(B, Move.BEGINS), 2, new Move(B, 40)));
    var begun = read(StoredValues.topic(topic(moves)), 50);

    assertThat(begun.homes().moves()).isEqualTo(Map.of(1, new Move(B, 50), 2, new Move(B, 40)));
    assertThat(read(StoredValues.topic(begun), 60).homes()).isEqualTo(begun.homes());
  }

  @Test
  void aTopicOfVersionOneHasNoMoves() {
    var value = ByteBuffer.allocate(1 + 16 + 4 + 4 + 16 + 4 + 12);
    value.put((byte) 1).putLong(7).putLong(7).putInt(0);
    value.putInt(1).putLong(1).putLong(1);
    value.putInt(1).putInt(4).putInt(0).putInt(3);

    assertThat(read(value.array(), 9).homes())
        .isEqualTo(
            PartitionHomes.inOneLog(4, A)
                .withHome(0, A, 3)
                .withHome(1, A, 3)
                .withHome(2, A, 3)
                .withHome(3, A, 3));
  }

  @Test
  void aPlaceOutsideOfTheTableMakesNoSense() {
    var value = StoredValues.topic(topic(new TreeMap<>()));
    value[value.length - 4 - 8 + 3] = 9; // the log of the last run

    assertThatThrownBy(() -> read(value, 9)).isInstanceOf(Fault.Broken.class);
  }

  private static TopicImage topic(TreeMap<Integer, Move> moves) {
    var homes = PartitionHomes.inOneLog(4, A).withMoves(moves);
    return new TopicImage("t", ID, Map.of(), false, homes, DEFAULTS.effective(Map.of()), 0);
  }

  private static TopicImage read(byte[] value, long revision) {
    return StoredValues.topic(new Entry("topics/t", value, 3, revision, Entry.NO_LEASE), DEFAULTS);
  }
}
