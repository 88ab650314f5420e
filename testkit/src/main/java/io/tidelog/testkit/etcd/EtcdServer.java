package io.tidelog.testkit.etcd;

import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One etcd as a child process on loopback, with a data folder of its own. It can be killed, started
 * again on the same folder and ports, frozen and thawed. The binary is {@code etcd} on the PATH, of
 * Debian's package etcd-server, or a newer one. Not safe for use by several threads at a time.
 */
public final class EtcdServer implements AutoCloseable {

  /** System property that names the binary of an etcd newer than the one on the PATH. */
  public static final String NEWER_PROPERTY = "tidelog.etcd.newer";

  private static final int START_ATTEMPTS = 3;
  private static final long START_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(30);
  private static final long PROBE_MS = 20;
  private static final int PROBE_TIMEOUT_MS = 1_000;

  private final Member member;
  private final Path folder;
  private final List<String> command;
  private Process process;
  private boolean paused;

  private EtcdServer(Member member, Path folder, List<String> command) throws IOException {
    this.member = member;
    this.folder = folder;
    this.command = command;
    this.process = launch();
  }

  /** Starts a cluster of one and waits until it is healthy. */
  public static EtcdServer start(Path folder) throws IOException {
    return start(folder, List.of(), "http");
  }

  /** The same with the binary that {@link #NEWER_PROPERTY} names. */
  public static EtcdServer startNewer(Path folder) throws IOException {
    return start(folder, new Program(System.getProperty(NEWER_PROPERTY), List.of(), "http"));
  }

  /**
   * @param flags more flags of the command line, for example {@code --quota-backend-bytes=16777216}
   * @param clientScheme {@code http}, or {@code https} with flags that name certificates
   */
  public static EtcdServer start(Path folder, List<String> flags, String clientScheme)
      throws IOException {
    return start(folder, new Program(binary(), flags, clientScheme));
  }

  private static EtcdServer start(Path folder, Program program) throws IOException {
    for (int attempt = 1; ; attempt++) {
      var member = Member.onFreePorts("etcd1");
      var server = launch(member, folder, member.named(), program);
      if (server.isHealthyInTime()) {
        return server;
      }
      server.close();
      // Another process may have taken a port between our look and its start.
      if (attempt == START_ATTEMPTS) {
        throw server.doesNotStart();
      }
    }
  }

  /** Starts one member and does not wait. */
  static EtcdServer launch(Member member, Path folder, String cluster, List<String> flags)
      throws IOException {
    return launch(member, folder, cluster, new Program(binary(), flags, "http"));
  }

  private static EtcdServer launch(Member member, Path folder, String cluster, Program program)
      throws IOException {
    Files.createDirectories(folder);
    var client = program.clientScheme() + "://127.0.0.1:" + member.clientPort();
    var command =
        new ArrayList<>(
            List.of(
                program.binary(),
                "--name=" + member.name(),
                "--data-dir=" + folder.resolve("data"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + member.peerUrl(),
                "--initial-advertise-peer-urls=" + member.peerUrl(),
                "--initial-cluster=" + cluster,
                // Health without TLS, whatever clients need.
                "--listen-metrics-urls=http://127.0.0.1:" + member.healthPort(),
                "--logger=zap",
                "--log-level=warn",
                "--log-outputs=stderr"));
    command.addAll(program.flags());
    return new EtcdServer(member, folder, List.copyOf(command));
  }

  private static String binary() throws IOException {
    for (var folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      var candidate = Path.of(folder).resolve("etcd");
      if (!folder.isEmpty() && Files.isExecutable(candidate)) {
        return candidate.toString();
      }
    }
    throw new IOException(
        "no etcd on the PATH; install it with: apt-get install etcd-server (./tidelog test does)");
  }

  private Process launch() throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(output().toFile()))
        .start();
  }

  /** Whether it says so before it ends or the time for a start is over. */
  boolean isHealthyInTime() throws IOException {
    long deadlineNs = System.nanoTime() + START_TIMEOUT_NS;
    while (System.nanoTime() - deadlineNs < 0) {
      if (isHealthy()) {
        return true;
      }
      if (hasEndedAfterPause()) {
        return false;
      }
    }
    return false;
  }

  private boolean isHealthy() {
    try {
      var health = URI.create("http://127.0.0.1:" + member.healthPort() + "/health").toURL();
      var connection = (HttpURLConnection) health.openConnection();
      connection.setConnectTimeout(PROBE_TIMEOUT_MS);
      connection.setReadTimeout(PROBE_TIMEOUT_MS);
      try (var body = connection.getInputStream()) {
        return new String(body.readAllBytes(), StandardCharsets.US_ASCII).contains("\"true\"");
      }
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Waiting for the process to end is the pause between two looks. */
  private boolean hasEndedAfterPause() throws IOException {
    try {
      return process.waitFor(PROBE_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while etcd starts", e);
    }
  }

  IOException doesNotStart() throws IOException {
    return new IOException("etcd does not start; its output: " + Files.readString(output()));
  }

  /** Where clients connect. */
  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), member.clientPort());
  }

  /** As {@code host:port}. */
  public String endpoint() {
    return "127.0.0.1:" + member.clientPort();
  }

  /** What the server wrote to its console. */
  public Path output() {
    return folder.resolve("etcd.log");
  }

  /** {@code kill -9}; its data stays. */
  public void kill() {
    process.toHandle().destroyForcibly();
    process.onExit().join();
    paused = false;
  }

  /** Starts it again after {@link #kill} and waits until it is healthy. */
  public void restart() throws IOException {
    if (process.isAlive()) {
      throw new IllegalStateException("etcd runs");
    }
    process = launch();
    if (!isHealthyInTime()) {
      throw doesNotStart();
    }
  }

  /**
   * Freezes it, as a stopped virtual machine: connections stay and nothing answers. A thread of it
   * that is about to run stops a little after the signal was sent, so all of them are waited for.
   */
  public void pause() throws IOException {
    signal("STOP");
    paused = true;
    while (!areThreadsStopped()) {
      if (hasEndedAfterPause()) {
        throw new IOException("etcd has ended instead of stopping");
      }
    }
  }

  private boolean areThreadsStopped() throws IOException {
    try (var threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      for (var thread : threads.toList()) {
        var stat = Files.readString(thread.resolve("stat"));
        // The name before the state may hold anything.
        if (!stat.startsWith(" T ", stat.lastIndexOf(')') + 1)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Thaws it; what was sent meanwhile is read now. */
  public void resume() throws IOException {
    signal("CONT");
    paused = false;
  }

  private void signal(String name) throws IOException {
    var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    if (kill.onExit().join().exitValue() != 0) {
      throw new IOException("cannot send SIG" + name + " to etcd");
    }
  }

  public boolean isPaused() {
    return paused;
  }

  /** Ends the process, frozen or not; its data stays in the folder. */
  @Override
  public void close() {
    kill();
  }

  /** What is started. */
  private record Program(String binary, List<String> flags, String clientScheme) {}

  /** Where one member listens. */
  record Member(String name, int clientPort, int peerPort, int healthPort) {

    static Member onFreePorts(String name) throws IOException {
      // Open together, so that they differ.
      try (var client = anyPort();
          var peer = anyPort();
          var health = anyPort()) {
        return new Member(name, client.getLocalPort(), peer.getLocalPort(), health.getLocalPort());
      }
    }

    private static ServerSocket anyPort() throws IOException {
      return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    String peerUrl() {
      return "http://127.0.0.1:" + peerPort;
    }

    /** As {@code --initial-cluster} wants it. */
    String named() {
      return name + "=" + peerUrl();
    }
  }
}
