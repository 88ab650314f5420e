package io.tidelog.benchmarks.side;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
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
  private final int secondPort;
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
    this.port = freePort();
    this.secondPort = port + 1;
  }

  /** A free port that has a free one above it, which Kafka's controller takes. */
  private static int freePort() {
    while (true) {
      try (var first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        int port = first.getLocalPort();
        try (var second = new ServerSocket(port + 1, 1, InetAddress.getLoopbackAddress())) {
          return second.getLocalPort() - 1;
        } catch (BindException taken) {
          continue;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  Kind kind() {
    return kind;
  }

  int port() {
    return port;
  }

  /** Deleted when it is closed. */
  Path folder() {
    return folder;
  }

  /** Of Tidelog's own metrics. */
  int adminPort() {
    return secondPort;
  }

  long pid() {
    var running = process;
    if (running == null) {
      throw new IllegalStateException("not started");
    }
    return running.pid();
  }

  /** False when it was not started or has ended. */
  boolean isRunning() {
    var running = process;
    return running != null && running.isAlive();
  }

  ProcStat stat() {
    return ProcStat.of(pid());
  }

  /** What has to be done once before a first start: Kafka's folder is formatted. */
  void prepare() {
    if (kind == Kind.KAFKA) {
      var formatting = launch(List.of("--format-only"));
      try {
        if (formatting.waitFor() != 0) {
          throw new IllegalStateException("formatting failed, see " + folder);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  void start() {
    process = launch(List.of());
  }

  private Process launch(List<String> options) {
    var command = new ArrayList<String>();
    var data = folder.resolve("data").toString();
    if (kind == Kind.TIDELOG) {
      command.addAll(List.of(root.resolve("tidelog").toString(), "start", "--data", data));
      command.addAll(List.of("--port", Integer.toString(port)));
      command.addAll(List.of("--admin-port", Integer.toString(secondPort)));
      for (var setting : settings) {
        command.addAll(List.of("--set", setting));
      }
    } else {
      command.add(root.resolve("compat/kafka/broker").toString());
      command.addAll(options);
      command.addAll(List.of(data, Integer.toString(port)));
      command.addAll(settings);
    }
    try {
      Files.createDirectories(folder);
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      return builder.redirectOutput(folder.resolve("server.log").toFile()).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@code kill -9}; waits until the process is gone. */
  void kill() {
    var running = process;
    if (running != null) {
      running.toHandle().destroyForcibly();
      try {
        running.waitFor(1, TimeUnit.MINUTES);
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
