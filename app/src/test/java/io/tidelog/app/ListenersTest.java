package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListenersTest {

  @TempDir Path data;

  @Test
  void aClientIsToldTheAddressOfTheListenerItCameInBy() throws Exception {
    var ports = List.of(freePort(), freePort());
    var settings =
        Map.of(
            "listeners",
            "INSIDE://localhost:" + ports.get(0) + ",OUTSIDE://localhost:" + ports.get(1),
            "listener.security.protocol.map",
            "INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT");
    try (var node = new RunningNode(data, settings)) {
      assertThat(node.bootstrap()).isEqualTo("localhost:" + ports.get(0));
      for (int port : ports) {
        Map<String, Object> client = Map.of("bootstrap.servers", "localhost:" + port);
        try (var admin = Admin.create(client)) {
          assertThat(admin.describeCluster().nodes().get())
              .extracting(Node::port)
              .containsExactly(port);
        }
      }
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
