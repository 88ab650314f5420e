package io.tidelog.chaos.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlSocketTest {

  @TempDir Path folder;

  @Test
  void answersWhatItIsAskedAndSaysWhyNot() throws IOException {
    var path = folder.resolve("control");
    try (var control =
        ControlSocket.start(
            path,
            line -> {
              if (line.equals("kill nobody")) {
                throw new IOException("no server \"nobody\"");
              }
              return "done: " + line + "\nand more\n";
            })) {
      assertThat(control).isNotNull();
      assertThat(ControlSocket.ask(path, "kill hot-1")).isEqualTo("done: kill hot-1\nand more\n");
      assertThatThrownBy(() -> ControlSocket.ask(path, "kill nobody"))
          .isInstanceOf(IOException.class)
          .hasMessage("no server \"nobody\"");
    }
    assertThatThrownBy(() -> ControlSocket.ask(path, "status")).isInstanceOf(IOException.class);
  }

  /** As it leads from this machine's loopback into a world, over the file system. */
  @Test
  void aRelayOverTheFileSystemPassesBytesBothWays() throws IOException {
    var loopback = InetAddress.getLoopbackAddress();
    var middle = UnixDomainSocketAddress.of(folder.resolve("middle"));
    try (var server = new ServerSocket(0, 1, loopback);
        var inner = Relay.start(middle, server.getLocalSocketAddress())) {
      var front = new InetSocketAddress(loopback, freePort());
      try (var outer = Relay.start(front, middle);
          var client = new Socket(loopback, front.getPort());
          var served = server.accept()) {
        assertThat(outer).isNotNull();
        assertThat(inner).isNotNull();
        client.getOutputStream().write("question".getBytes(StandardCharsets.US_ASCII));
        assertThat(served.getInputStream().readNBytes(8)).asString().isEqualTo("question");
        served.getOutputStream().write("answer".getBytes(StandardCharsets.US_ASCII));
        assertThat(client.getInputStream().readNBytes(6)).asString().isEqualTo("answer");
        served.shutdownOutput();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
