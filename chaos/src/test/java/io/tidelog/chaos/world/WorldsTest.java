package io.tidelog.chaos.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What machines see of a network that is cut, the same in namespaces and on loopback. */
class WorldsTest {

  private static final String[] SEEN = {
    "whole: echo, new: echo",
    "there: silence, new: silence, heard: 0",
    "bystander: echo, new: echo",
    "healed: echo, new: echo",
    "back: silence, new: silence, heard: 1",
    "healed: echo, new: echo",
    "both: silence, new: silence, heard: 0",
    "healed: echo, new: echo"
  };

  @Test
  void directionsAreCutAndHealedBetweenNamespaces() throws IOException {
    var entrance = Worlds.entrance();
    if (entrance.isPresent()) {
      assertThat(probe(entrance.get(), List.of(Worlds.INSIDE))).containsExactly(SEEN);
    } else {
      assertThat(Worlds.network(false).isApart()).isFalse();
    }
  }

  @Test
  void directionsAreCutAndHealedOnLoopback() throws IOException {
    assertThat(probe(List.of(), List.of())).containsExactly(SEEN);
  }

  private static List<String> probe(List<String> entrance, List<String> arguments)
      throws IOException {
    var command = new ArrayList<>(entrance);
    command.addAll(Worlds.java(WorldProbe.class, arguments));
    return Programs.run(command).output().lines().toList();
  }
}
