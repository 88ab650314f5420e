package io.tidelog.cold.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.cold.store.s3.S3Config;
import io.tidelog.cold.store.s3.S3Location;
import io.tidelog.cold.store.s3.S3Location.Credentials;
import io.tidelog.cold.store.s3.S3ObjectStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract against S3Mock, which keeps checksums as AWS does. It listens on every interface of
 * the machine, whatever it is told, and is therefore in the profile {@code s3mock} only.
 */
class S3MockObjectStoreTest extends ObjectStoreContract {

  private static final String BUCKET = "tide";
  private static final long START_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(120);
  private static final AtomicInteger TESTS = new AtomicInteger();

  private static Process server;
  private static int port;

  private final String prefix = "contract-" + TESTS.incrementAndGet() + "/";

  @BeforeAll
  static void startServer(@TempDir Path folder) throws Exception {
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    server =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    "-jar",
                    System.getProperty("tidelog.s3mock.jar"),
                    "--http.port=" + port,
                    "--server.port=0",
                    "--com.adobe.testing.s3mock.store.root=" + folder.resolve("objects"),
                    "--com.adobe.testing.s3mock.store.initial-buckets=" + BUCKET))
            .redirectErrorStream(true)
            .redirectOutput(Path.of("target", "s3mock.log").toFile())
            .start();
    long deadlineNs = System.nanoTime() + START_TIMEOUT_NS;
    while (!isListening()) {
      // Waiting for the process to end is the pause between two looks.
      if (server.waitFor(100, TimeUnit.MILLISECONDS) || System.nanoTime() - deadlineNs > 0) {
        throw new IOException("S3Mock does not start, see target/s3mock.log");
      }
    }
  }

  private static boolean isListening() {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @AfterAll
  static void stopServer() {
    server.toHandle().destroyForcibly();
    server.onExit().join();
  }

  @Override
  ObjectStore open() {
    return open(S3Config.ConditionalCreate.REQUIRE);
  }

  private static ObjectStore open(S3Config.ConditionalCreate conditional) {
    var location =
        new S3Location(
            URI.create("http://127.0.0.1:" + port),
            "us-east-1",
            BUCKET,
            true,
            new Credentials("any", "any"));
    var config =
        new S3Config(
            location,
            S3Config.ChecksumMode.DEFAULT,
            conditional,
            6 << 20,
            5 << 20,
            20_000,
            60_000,
            5_000,
            3,
            32);
    var ids = new AtomicInteger();
    return S3ObjectStore.open(config, () -> new UUID(TESTS.get(), ids.incrementAndGet()));
  }

  @Override
  String prefix() {
    return prefix;
  }

  /** In parts it cannot: completing one under a condition answers that there is no such key. */
  @Test
  void anObjectInPartsIsReadBackWithoutACondition() {
    var bytes = new byte[11 * 1024 * 1024 + 17];
    new SplittableRandom(1).nextBytes(bytes);
    try (var store = open(S3Config.ConditionalCreate.OFF)) {
      store.create(prefix + "parts", ObjectContent.of(ByteBuffer.wrap(bytes)));
      var into = ByteBuffer.allocate(bytes.length);
      assertThat(store.get(prefix + "parts", 0, into)).isTrue();
      assertThat(into.array()).isEqualTo(bytes);
    }
  }

  /** Its check and its write are two steps: up to four of sixteen were told they had won. */
  @Override
  boolean hasOneWinner() {
    return false;
  }
}
