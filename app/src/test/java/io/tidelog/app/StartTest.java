package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody reads whose node does not start. */
class StartTest {

  @TempDir Path folder;

  @Test
  void aPortThatIsTakenIsSaidTogetherWithTheOptionThatNamesAnother() throws Exception {
    try (var node = new ChildNode(folder, Map.of());
        var taken = new ServerSocket(node.port(), 1, InetAddress.getByName("127.0.0.1"))) {
      assertThat(messageOf(node))
          .contains("tidelog: cannot listen on 127.0.0.1:" + taken.getLocalPort())
          .contains("; --port or the setting listeners names another");
    }
  }

  @Test
  void soIsAnAdminPort() throws Exception {
    try (var node = new ChildNode(folder, Map.of())) {
      int port = Integer.parseInt(node.admin().substring(node.admin().indexOf(':') + 1));
      try (var taken = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
        assertThat(messageOf(node))
            .contains("tidelog: cannot listen on admin port " + taken.getLocalPort())
            .contains("; --admin-port names another");
      }
    }
  }

  @Test
  void thePropertiesFileMayBeNamedInTheEnvironment() throws Exception {
    var file = Files.writeString(folder.resolve("node.properties"), "num.partitons=3\n");
    try (var node = new ChildNode(folder, Map.of())) {
      node.environment("TIDELOG_CONFIG", file.toString());
      assertThat(messageOf(node)).contains("tidelog: Unknown configuration num.partitons");
    }
  }

  private static String messageOf(ChildNode node) throws Exception {
    var unused = node.launch();
    assertThat(node.awaitEnd()).isEqualTo(1);
    return Files.readString(node.log());
  }
}
