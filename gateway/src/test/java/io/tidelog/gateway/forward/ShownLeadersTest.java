package io.tidelog.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Which node of several is chosen for a partition. */
class ShownLeadersTest {

  private static final long SEED = 7;
  private static final int PARTITIONS = 20_000;

  private final UUID topic = new UUID(0x1234, 0x5678);

  @Test
  void everybodyChoosesTheSameInWhateverOrderTheNodesAre() {
    var random = new Random(SEED);
    var nodes = new ArrayList<>(List.of(3, 7, 11, 19, 24));
    for (int partition = 0; partition < 500; partition++) {
      int chosen = Rendezvous.choose(nodes, topic, partition);
      Collections.shuffle(nodes, random);
      assertThat(Rendezvous.choose(nodes, topic, partition)).as("seed %s", SEED).isEqualTo(chosen);
    }
  }

  @Test
  void partitionsAreSpreadEvenly() {
    for (int count = 2; count <= 12; count++) {
      var nodes = new ArrayList<Integer>();
      for (int node = 1; node <= count; node++) {
        nodes.add(node);
      }
      Map<Integer, Integer> share = new HashMap<>();
      for (int partition = 0; partition < PARTITIONS; partition++) {
        share.merge(Rendezvous.choose(nodes, topic, partition), 1, Integer::sum);
      }
      int fair = PARTITIONS / count;
      assertThat(share.values())
          .as("%s nodes", count)
          .hasSize(count)
          .allMatch(partitions -> Math.abs(partitions - fair) < fair / 8);
    }
  }

  @Test
  void aNodeThatGoesMovesOnlyItsOwnShare() {
    var nodes = List.of(1, 2, 3, 4, 5);
    var left = List.of(1, 2, 4, 5);
    for (int partition = 0; partition < PARTITIONS; partition++) {
      int before = Rendezvous.choose(nodes, topic, partition);
      int after = Rendezvous.choose(left, topic, partition);
      assertThat(after).isEqualTo(before == 3 ? after : before).isNotEqualTo(3);
    }
  }

  /** Gateways of two versions have to agree. */
  @Test
  void theChoiceNeverChanges() {
    var nodes = List.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    var chosen = new ArrayList<Integer>();
    for (int partition = 0; partition < 12; partition++) {
      chosen.add(Rendezvous.choose(nodes, topic, partition));
    }
    assertThat(chosen).isEqualTo(CHOSEN);
  }

  private static final List<Integer> CHOSEN = List.of(3, 7, 5, 1, 5, 2, 2, 6, 5, 3, 4, 7);
}
