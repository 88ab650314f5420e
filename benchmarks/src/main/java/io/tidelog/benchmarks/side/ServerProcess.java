package io.tidelog.benchmarks.side;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A Tidelog node or an Apache Kafka broker in a process of its own, in a folder of its own. */
final class ServerProcess implements AutoCloseable {

  /** The two that are compared. */
  enum Kind {
    TIDELOG,
    KAFKA
  }

  private final Kind kind;
  private final Path root;
  private final Path folder;
  private final List<String> settings;
  private final int port;
  private @Nullable Process process;

  /**
   * @param root of the checkout; {@code compat/kafka/target/lib} must be filled for Kafka
   * @param settings {@code key=value} each
   */
  ServerProcess(Kind kind, Path root, Path folder, List<String> settings) {
    this.kind = kind;
    this.root = root;
    this.folder = folder;
    this.settings = settings;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return port;
  }

  String bootstrap() {
    return "127.0.0.1:" + port;
  }

  long pid() {
    var running = process;
    if (running == null) {
      throw new IllegalStateException("not started");
    }
    return running.pid();
  }

  ProcStat stat() {
    return ProcStat.of(pid());
  }

  void start() {
    var command = new ArrayList<String>();
    if (kind == Kind.TIDELOG) {
      command.addAll(
          List.of(
              root.resolve("tidelog").toString(),
              "start",
              "--port",
              Integer.toString(port),
              "--admin-port",
              "0",
              "--data",
              folder.resolve("data").toString()));
      for (var setting : settings) {
        command.add("--set");
        command.add(setting);
      }
    } else {
      command.addAll(
          List.of(
              root.resolve("compat/kafka/broker").toString(),
              folder.resolve("data").toString(),
              Integer.toString(port)));
      command.addAll(settings);
    }
    try {
      Files.createDirectories(folder);
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      process = builder.redirectOutput(folder.resolve("server.log").toFile()).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@code kill -9}. */
  void kill() {
    var running = process;
    if (running != null) {
      running.toHandle().destroyForcibly();
      try {
        running.waitFor(30, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      process = null;
    }
  }

  /** Kills it and deletes its folder. */
  @Override
  public void close() {
    kill();
    try (Stream<Path> all = Files.walk(folder)) {
      for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
