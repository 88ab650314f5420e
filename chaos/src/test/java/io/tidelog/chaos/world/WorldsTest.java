package io.tidelog.chaos.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorldsTest {

  /** Where the kernel gives no namespaces, the network says that it cannot cut. */
  @Test
  void oneDirectionIsCutOnAConnectionThereIsAndHealed() throws IOException {
    var entrance = Worlds.entrance();
    if (entrance.isPresent()) {
      var command = new ArrayList<>(entrance.get());
      command.addAll(Worlds.java(WorldProbe.class, List.of()));
      var ended = Programs.run(command);
      assertThat(ended.output().lines().filter(line -> line.matches("echo|silence")))
          .as(ended.output())
          .containsExactly("echo", "silence", "echo", "silence", "echo");
    } else {
      try (var network = Worlds.network(false)) {
        var host = network.add("one");
        assertThat(network.canCut()).isFalse();
        assertThatThrownBy(() -> network.cut(host, List.of(network.add("other"))))
            .isInstanceOf(IOException.class);
      }
    }
  }
}
