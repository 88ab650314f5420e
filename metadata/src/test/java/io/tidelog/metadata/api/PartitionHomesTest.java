package io.tidelog.metadata.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.core.LogId;
import io.tidelog.metadata.api.PartitionHomes.Move;
import io.tidelog.metadata.api.PartitionHomes.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionHomesTest {

  private static final LogId A = new LogId(new UUID(1, 1));
  private static final LogId B = new LogId(new UUID(1, 2));

  @Test
  void aPartitionThatMovesAwaySplitsARun() {
    var homes = PartitionHomes.inOneLog(5, A).withHome(2, B, 7);

    assertThat(homes.runs()).containsExactly(new Run(2, A, 0), new Run(1, B, 7), new Run(2, A, 0));
  }

  @Test
  void aPartitionThatComesBackMendsARun() {
    var homes = PartitionHomes.inOneLog(5, A).withHome(2, B, 7);

    assertThat(homes.withHome(2, A, 0).runs()).containsExactly(new Run(5, A, 0));
  }

  @Test
  void neighboursThatMoveToOneLogShareARunWhenTheirEpochsDo() {
    var homes = PartitionHomes.inOneLog(4, A).withHome(1, B, 7).withHome(2, B, 7);
    assertThat(homes.runs()).containsExactly(new Run(1, A, 0), new Run(2, B, 7), new Run(1, A, 0));

    assertThat(homes.withHome(3, B, 8).runs())
        .containsExactly(new Run(1, A, 0), new Run(2, B, 7), new Run(1, B, 8));
  }

  @Test
  void aMoveIsOverWhenThePartitionLivesElsewhere() {
    var homes =
        PartitionHomes.inOneLog(4, A)
            .withMoves(new TreeMap<>(Map.of(1, new Move(B, 9), 3, new Move(B, 9))));

    assertThat(homes.withHome(1, B, 7).moves()).containsOnlyKeys(3);
    assertThat(homes.withoutMove(3).moves()).containsOnlyKeys(1);
    assertThat(homes.append(PartitionHomes.inOneLog(2, B)).moves()).isEqualTo(homes.moves());
  }

  @Test
  void nobodyMovesHomeOrOutOfNowhere() {
    var homes = PartitionHomes.inOneLog(4, A);

    assertThatThrownBy(() -> homes.withMoves(new TreeMap<>(Map.of(1, new Move(A, 9)))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> homes.withMoves(new TreeMap<>(Map.of(4, new Move(B, 9)))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> homes.withHome(4, B, 0)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whateverMovesEachPartitionIsAtHomeOnceAndNoTwoNeighboursAreApart(long seed) {
    var random = new Random(seed);
    var logs = List.of(A, B, new LogId(new UUID(1, 3)));
    var homes = PartitionHomes.inOneLog(20, A);
    var expected = new ArrayList<Run>();
    for (int i = 0; i < 20; i++) {
      expected.add(new Run(1, A, 0));
    }
    for (int step = 0; step < 500; step++) {
      int partition = random.nextInt(20);
      var log = logs.get(random.nextInt(3));
      int epoch = random.nextInt(2);
      homes = homes.withHome(partition, log, epoch);
      expected.set(partition, new Run(1, log, epoch));
    }
    for (int i = 0; i < 20; i++) {
      assertThat(new Run(1, homes.home(i), homes.baseEpoch(i))).isEqualTo(expected.get(i));
    }
    for (int i = 1; i < homes.runs().size(); i++) {
      var one = homes.runs().get(i - 1);
      var next = homes.runs().get(i);
      assertThat(one.log().equals(next.log()) && one.baseEpoch() == next.baseEpoch()).isFalse();
    }
  }
}
