package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A node in a process of its own, on ports that stay the same over its lives. */
final class ChildNode implements AutoCloseable {

  private static final Duration START_PATIENCE = Duration.ofSeconds(60);
  private static final long END_PATIENCE_S = 60;
  private static final int ENDED_BY_SIGTERM = 128 + 15;

  private final Path folder;
  private final Path data;
  private final Map<String, String> settings;
  private final Map<String, String> environment = new HashMap<>();
  private final int port;
  private final int adminPort;
  private @Nullable Process process;

  /** Keeps everything in {@code folder}. */
  ChildNode(Path folder, Map<String, String> settings) throws IOException {
    this(folder, folder.resolve("node"), settings);
  }

  /**
   * @param folder for what the process writes to its console, and its temporary files
   * @param data the node's data folder
   */
  ChildNode(Path folder, Path data, Map<String, String> settings) throws IOException {
    this.folder = folder;
    this.data = data;
    this.settings = settings;
    Files.createDirectories(temporaryFiles());
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var adminSocket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = socket.getLocalPort();
      this.adminPort = adminSocket.getLocalPort();
    }
  }

  String bootstrap() {
    return "localhost:" + port;
  }

  int port() {
    return port;
  }

  String admin() {
    return "127.0.0.1:" + adminPort;
  }

  /** What stands in its {@code java.io.tmpdir}. */
  Path temporaryFiles() {
    return folder.resolve("tmp");
  }

  /** All that its lives wrote to the console. */
  Path log() {
    return folder.resolve("node.log");
  }

  /** Sets an environment variable of its next life. */
  void environment(String name, String value) {
    environment.put(name, value);
  }

  /** Starts it and waits until it serves. */
  void start() {
    var started = launch();
    await()
        .atMost(START_PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .failFast("the node ended, see " + log(), () -> !started.isAlive())
        .until(this::isListening);
  }

  /** Starts it without waiting, to see it end, with further options. */
  Process launch(String... options) {
    var command = tidelog();
    command.addAll(
        List.of(
            "start",
            "--port",
            Integer.toString(port),
            "--admin-port",
            Integer.toString(adminPort),
            "--data",
            data.toString()));
    command.addAll(List.of(options));
    settings.forEach(
        (key, value) -> {
          command.add("--set");
          command.add(key + "=" + value);
        });
    try {
      var builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
      builder.environment().putAll(environment);
      process = builder.start();
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> tidelog() {
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.io.tmpdir=" + temporaryFiles(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "io.tidelog.app.TidelogMain"));
  }

  /** What {@code ./tidelog admin} prints about this node's cluster; it has to end well. */
  String admin(String... words) throws IOException, InterruptedException {
    var command = tidelog();
    command.add("admin");
    command.addAll(List.of(words));
    command.addAll(List.of("--admin", admin()));
    var printed = folder.resolve("admin.log");
    var running =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start();
    boolean ended = running.waitFor(END_PATIENCE_S, TimeUnit.SECONDS);
    if (!ended) {
      running.destroyForcibly();
    }
    var text = Files.readString(printed);
    assertThat(ended).as("ended, having printed " + text).isTrue();
    assertThat(running.exitValue()).as(text).isZero();
    return text;
  }

  /** As {@code kill}, without waiting for the end. */
  Process terminate() {
    var running = process;
    if (running == null) {
      throw new IllegalStateException("the node does not run");
    }
    running.toHandle().destroy();
    return running;
  }

  /** As {@code kill}: gives away what it leads, and ends. */
  void stop() throws InterruptedException, TimeoutException {
    var unused = terminate();
    assertThat(awaitEnd()).as("status, see " + log()).isEqualTo(ENDED_BY_SIGTERM);
    process = null;
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

  /** Freezes it: its connections stay, and nothing answers. */
  void pause() throws IOException {
    signal("STOP");
  }

  /** Lets it go on after {@link #pause}. */
  void resume() throws IOException {
    signal("CONT");
  }

  private void signal(String name) throws IOException {
    var running = process;
    if (running == null) {
      throw new IllegalStateException("the node does not run");
    }
    var kill = new ProcessBuilder("kill", "-" + name, Long.toString(running.pid())).start();
    assertThat(kill.onExit().join().exitValue()).isZero();
  }

  /** Waits until it ends by itself and gives its exit status. */
  int awaitEnd() throws InterruptedException, TimeoutException {
    var running = process;
    if (running == null || !running.waitFor(END_PATIENCE_S, TimeUnit.SECONDS)) {
      throw new TimeoutException("the node did not end, see " + log());
    }
    return running.exitValue();
  }

  /** The admin port is opened last. */
  private boolean isListening() {
    try (var probe = new Socket(InetAddress.getLoopbackAddress(), adminPort)) {
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
