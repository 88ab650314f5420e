package io.tidelog.app;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A node in a process of its own, on a port that stays the same over its lives. */
final class ChildNode implements AutoCloseable {

  private static final Duration START_PATIENCE = Duration.ofSeconds(60);

  private final Path data;
  private final Map<String, String> settings;
  private final int port;
  private @Nullable Process process;

  ChildNode(Path data, Map<String, String> settings) throws IOException {
    this.data = data;
    this.settings = settings;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = socket.getLocalPort();
    }
  }

  String bootstrap() {
    return "localhost:" + port;
  }

  /** Starts it and waits until the port is open. */
  void start() {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "io.tidelog.app.TidelogMain",
            "start",
            "--port",
            Integer.toString(port),
            "--admin-port",
            "0",
            "--data",
            data.resolve("node").toString()));
    settings.forEach(
        (key, value) -> {
          command.add("--set");
          command.add(key + "=" + value);
        });
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var started = process;
    await()
        .atMost(START_PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .failFast("the node ended, see " + log(), () -> !started.isAlive())
        .until(this::isListening);
  }

  /** As {@code kill -9}. */
  void kill() {
    var running = process;
    if (running != null) {
      running.toHandle().destroyForcibly();
      running.onExit().orTimeout(30, TimeUnit.SECONDS).join();
      process = null;
    }
  }

  File log() {
    return data.resolve("node.log").toFile();
  }

  private boolean isListening() {
    try (var probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return probe.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  @Override
  public void close() {
    kill();
  }
}
