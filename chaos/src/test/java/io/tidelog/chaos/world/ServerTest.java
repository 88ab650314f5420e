package io.tidelog.chaos.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTest {

  @TempDir Path folder;
  private final Network network = new LoopbackNetwork();
  private Server server;

  @AfterEach
  void end() throws IOException {
    server.close();
  }

  @Test
  void isKilledPausedAndStartedAgain() throws IOException {
    server = server("echo started; exec sleep 600");
    server.start();
    long first = server.pid();
    server.pause();
    assertThat(server.isPaused()).isTrue();
    server.resume();
    assertThat(server.isPaused()).isFalse();
    server.pause();
    server.kill();
    assertThat(server.isRunning()).isFalse();
    assertThatThrownBy(server::pause).isInstanceOf(IOException.class);
    server.start();
    assertThat(server.pid()).isNotEqualTo(first);
  }

  @Test
  void isStoppedAlsoWhenItIsPausedOrDoesNotWantTo() throws IOException {
    server = server("exec sleep 600");
    server.start();
    server.pause();
    assertThat(server.stop(10_000)).isTrue();
    server = server("trap '' TERM; echo deaf; sleep 600 & wait");
    server.start();
    while (Files.size(server.output()) == 0) {
      Pause.ms(10);
    }
    assertThat(server.stop(100)).isFalse();
    assertThat(server.isRunning()).isFalse();
  }

  @Test
  void endsWhenItsInputEnds() throws IOException {
    server = server("cat > /dev/null");
    server.start();
    server.endInput();
    assertThat(server.awaitEnd(10_000)).isTrue();
  }

  private Server server(String script) throws IOException {
    return new Server(
        network,
        network.add("server"),
        List.of("sh", "-c", script),
        Map.of(),
        folder.resolve("server"));
  }
}
