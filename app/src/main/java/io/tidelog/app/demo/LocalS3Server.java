package io.tidelog.app.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * An S3 server (s3proxy over a folder) as a child process on loopback, for as long as the
 * demonstration runs. It accepts any credentials: it holds nothing but the demonstration's data.
 */
final class LocalS3Server implements AutoCloseable {

  /** Names the runnable jar of s3proxy; set by the start script when the build fetched it. */
  static final String JAR_PROPERTY = "tidelog.s3proxy.jar";

  private static final Duration START_TIMEOUT = Duration.ofSeconds(30);

  private final Process process;
  private final int port;

  private LocalS3Server(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts one in {@code folder} and waits until it listens; empty without a jar. */
  static Optional<LocalS3Server> start(Path folder, String bucket) {
    var jar = System.getProperty(JAR_PROPERTY);
    if (jar == null || !Files.exists(Path.of(jar))) {
      return Optional.empty();
    }
    try {
      Files.createDirectories(folder.resolve("s3").resolve(bucket));
      int port = freePort();
      var process = launch(jar, folder, port);
      var server = new LocalS3Server(process, port);
      server.awaitListening();
      // The SDK signs every request; the server looks at no signature.
      System.setProperty("aws.accessKeyId", "demo");
      System.setProperty("aws.secretAccessKey", "demo");
      return Optional.of(server);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start the local S3 server", e);
    }
  }

  String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  private static Process launch(String jar, Path folder, int port) throws IOException {
    var settings =
        Files.writeString(
            folder.resolve("s3proxy.conf"),
            """
            s3proxy.authorization=none
            s3proxy.endpoint=http://127.0.0.1:%d
            jclouds.provider=filesystem
            jclouds.filesystem.basedir=%s
            """
                .formatted(port, folder.resolve("s3")));
    var logging =
        Files.writeString(
            folder.resolve("s3proxy-logback.xml"),
            "<configuration><root level=\"OFF\"/></configuration>");
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-Dlogback.configurationFile=" + logging,
            "-jar",
            jar,
            "--properties",
            settings.toString());
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("s3proxy.log").toFile())
        .start();
  }

  private void awaitListening() throws IOException {
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    while (System.nanoTime() < deadline && process.isAlive()) {
      try (var probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
        if (probe.isConnected()) {
          return;
        }
      } catch (IOException notYet) {
        pause();
      }
    }
    close();
    throw new IOException("the local S3 server did not start");
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.toHandle().destroyForcibly();
  }
}
