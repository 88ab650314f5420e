package io.tidelog.cold.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidelog.cold.store.s3.S3Config;
import io.tidelog.cold.store.s3.S3Location;
import io.tidelog.cold.store.s3.S3Location.Credentials;
import io.tidelog.cold.store.s3.S3ObjectStore;
import io.tidelog.core.Fault;
import io.tidelog.testkit.s3.S3ProxyServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

class S3ProxyObjectStoreTest extends ObjectStoreContract {

  private static final AtomicInteger TESTS = new AtomicInteger();
  private static final Credentials CREDENTIALS =
      new Credentials(S3ProxyServer.ACCESS_KEY, S3ProxyServer.SECRET_KEY);

  private static S3ProxyServer server;

  private final String prefix = "contract-" + TESTS.incrementAndGet() + "/";

  @BeforeAll
  static void startServer(@TempDir Path folder) throws IOException {
    server = S3ProxyServer.start(folder, "tide");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static S3Config config(URI endpoint, String bucket, Credentials credentials) {
    var location = new S3Location(endpoint, "us-east-1", bucket, true, credentials);
    return new S3Config(
        location,
        S3Config.ChecksumMode.DEFAULT,
        S3Config.ConditionalCreate.REQUIRE,
        6 << 20,
        5 << 20,
        20_000,
        60_000,
        5_000,
        3,
        32);
  }

  private static S3ObjectStore open(S3Config config) {
    var ids = new AtomicInteger();
    return S3ObjectStore.open(config, () -> new UUID(System.nanoTime(), ids.incrementAndGet()));
  }

  @Override
  ObjectStore open() {
    return open(config(server.endpoint(), "tide", CREDENTIALS));
  }

  @Override
  String prefix() {
    return prefix;
  }

  @Override
  int largeObjectBytes() {
    return 11 * 1024 * 1024 + 17;
  }

  @Test
  void aServerThatKeepsWhatItHasPassesTheCheckAndKeepsNoTraceOfIt() {
    try (var store = open(config(server.endpoint(), "tide", CREDENTIALS))) {
      store.check();
      assertThat(store.list("tidelog-probe/", "", 10).objects()).isEmpty();
    }
  }

  @Test
  void uploadsThatNobodyEndedAreAbandonedOnceTheyAreOldEnough() {
    var config = config(server.endpoint(), "tide", CREDENTIALS);
    try (var store = open(config);
        var client = client()) {
      var begun = client.createMultipartUpload(r -> r.bucket("tide").key(prefix + "left"));
      store.abandonUploads(prefix, 0);
      store.abandonUploads("elsewhere/", Long.MAX_VALUE);
      assertThat(uploadsOf(client, begun.uploadId())).isEqualTo(1);
      store.abandonUploads(prefix, System.currentTimeMillis() + 3_600_000);
      assertThat(uploadsOf(client, begun.uploadId())).isZero();
    }
  }

  private static long uploadsOf(S3Client client, String id) {
    return client.listMultipartUploads(r -> r.bucket("tide")).uploads().stream()
        .filter(upload -> upload.uploadId().equals(id))
        .count();
  }

  private static S3Client client() {
    return S3Client.builder()
        .endpointOverride(server.endpoint())
        .region(Region.US_EAST_1)
        .forcePathStyle(true)
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(CREDENTIALS.accessKey(), CREDENTIALS.secretKey())))
        .build();
  }

  @Test
  void aWrongSecretIsRefused() {
    var wrong = new Credentials(S3ProxyServer.ACCESS_KEY, "wrong");
    try (var store = open(config(server.endpoint(), "tide", wrong))) {
      assertThatThrownBy(store::check).isInstanceOf(Fault.Refused.class);
      assertThatThrownBy(() -> store.get("a", 0, ByteBuffer.allocate(1)))
          .isInstanceOf(Fault.Refused.class);
    }
  }

  @Test
  void aBucketThatIsNotThereIsRefused() {
    try (var store = open(config(server.endpoint(), "other", CREDENTIALS))) {
      assertThatThrownBy(store::check).isInstanceOf(Fault.Refused.class);
      assertThatThrownBy(() -> store.list("", "", 1)).isInstanceOf(Fault.Refused.class);
      assertThatThrownBy(() -> store.get("a", 0, ByteBuffer.allocate(1)))
          .isInstanceOf(Fault.Refused.class);
    }
  }

  @Test
  void aServerThatIsDownIsWorthAnotherTry() throws IOException {
    int port;
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    var nowhere = URI.create("http://127.0.0.1:" + port);
    try (var store = open(config(nowhere, "tide", CREDENTIALS))) {
      assertThatThrownBy(store::check).isInstanceOf(Fault.Retriable.class);
      assertThatThrownBy(() -> store.head("a")).isInstanceOf(Fault.Retriable.class);
    }
  }

  @Test
  void theSecretIsInNoText() {
    assertThat(config(server.endpoint(), "tide", CREDENTIALS).toString())
        .doesNotContain(S3ProxyServer.SECRET_KEY);
  }
}
