package io.tidelog.testkit.s3;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * s3proxy over a folder, as a child process on loopback. It checks signatures and digests and
 * creates objects atomically. A bucket is a folder below {@code <folder>/buckets}.
 *
 * <p>The runnable jar is named by the system property {@value #JAR_PROPERTY}, which the build sets
 * for the tests of modules that use this.
 */
public final class S3ProxyServer implements AutoCloseable {

  public static final String JAR_PROPERTY = "tidelog.s3proxy.jar";
  public static final String ACCESS_KEY = "tidelog-test";
  public static final String SECRET_KEY = "tidelog-test-secret";

  private static final int START_ATTEMPTS = 3;
  private static final long START_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(60);
  private static final long PROBE_MS = 50;

  private final Process process;
  private final Path folder;
  private final int port;

  private S3ProxyServer(Process process, Path folder, int port) {
    this.process = process;
    this.folder = folder;
    this.port = port;
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @param folder for its configuration, output and objects
   * @param bucket one that exists from the start
   */
  public static S3ProxyServer start(Path folder, String bucket) throws IOException {
    return start(folder, bucket, Map.of());
  }

  /**
   * @param settings more lines of its configuration, for example {@code
   *     s3proxy.latency-blobstore.get.latency}
   */
  public static S3ProxyServer start(Path folder, String bucket, Map<String, String> settings)
      throws IOException {
    Files.createDirectories(folder.resolve("buckets").resolve(bucket));
    for (int attempt = 1; ; attempt++) {
      var server = launch(folder, freePort(), settings);
      if (server.isListening()) {
        return server;
      }
      server.close();
      // Another process may have taken the port between our look and its start.
      if (attempt == START_ATTEMPTS) {
        throw new IOException(
            "s3proxy does not start; its output: " + Files.readString(server.output()));
      }
    }
  }

  private static S3ProxyServer launch(Path folder, int port, Map<String, String> settings)
      throws IOException {
    String jar = System.getProperty(JAR_PROPERTY);
    if (jar == null || !Files.exists(Path.of(jar))) {
      throw new IOException(
          "no s3proxy at " + jar + "; the build copies it and sets " + JAR_PROPERTY);
    }
    var configuration = new StringBuilder();
    configuration
        .append("s3proxy.endpoint=http://127.0.0.1:" + port + "\n")
        .append("s3proxy.authorization=aws-v2-or-v4\n")
        .append("s3proxy.identity=" + ACCESS_KEY + "\n")
        .append("s3proxy.credential=" + SECRET_KEY + "\n")
        .append("jclouds.provider=filesystem\n")
        .append("jclouds.filesystem.basedir=" + folder.resolve("buckets") + "\n");
    settings.forEach((key, value) -> configuration.append(key + "=" + value + "\n"));
    Path conf = Files.writeString(folder.resolve("s3proxy.conf"), configuration);
    // Without a file of its own Logback logs at DEBUG: gigabytes, and a fiftieth of the speed.
    Path logging =
        Files.writeString(
            folder.resolve("s3proxy-logback.xml"),
            "<configuration><root level=\"OFF\"/></configuration>");
    var process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Dlogback.configurationFile=" + logging,
                    "-jar",
                    jar,
                    "--properties",
                    conf.toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("s3proxy.log").toFile())
            .start();
    return new S3ProxyServer(process, folder, port);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private boolean isListening() throws IOException {
    long deadlineNs = System.nanoTime() + START_TIMEOUT_NS;
    while (System.nanoTime() - deadlineNs < 0) {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return true;
      } catch (IOException notYet) {
        if (hasEndedAfterPause()) {
          return false;
        }
      }
    }
    return false;
  }

  /** Waiting for the process to end is the pause between two looks. */
  private boolean hasEndedAfterPause() throws IOException {
    try {
      return process.waitFor(PROBE_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while s3proxy starts", e);
    }
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** What the server wrote to its console. */
  public Path output() {
    return folder.resolve("s3proxy.log");
  }

  /** Kills the server as a power cut would; its objects stay in the folder. */
  @Override
  public void close() {
    process.toHandle().destroyForcibly();
    process.onExit().join();
  }
}
