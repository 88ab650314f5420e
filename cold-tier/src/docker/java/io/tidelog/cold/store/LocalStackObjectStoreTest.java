package io.tidelog.cold.store;

import io.tidelog.cold.store.s3.S3Config;
import io.tidelog.cold.store.s3.S3Location;
import io.tidelog.cold.store.s3.S3Location.Credentials;
import io.tidelog.cold.store.s3.S3ObjectStore;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The contract against LocalStack; needs Docker, and therefore the profile {@code docker}. Newer
 * images than this one ask for a token of its makers.
 */
class LocalStackObjectStoreTest extends ObjectStoreContract {

  private static final String IMAGE =
      System.getProperty("tidelog.localstack.image", "localstack/localstack:4.14.0");
  private static final String BUCKET = "tide";
  private static final AtomicInteger TESTS = new AtomicInteger();

  private static LocalStackContainer container;

  private final String prefix = "contract-" + TESTS.incrementAndGet() + "/";

  @BeforeAll
  static void startContainer() throws IOException, InterruptedException {
    container = new LocalStackContainer(DockerImageName.parse(IMAGE)).withServices("s3");
    container.start();
    var made = container.execInContainer("awslocal", "s3", "mb", "s3://" + BUCKET);
    if (made.getExitCode() != 0) {
      throw new IOException("no bucket: " + made.getStderr());
    }
  }

  @AfterAll
  static void stopContainer() {
    container.stop();
  }

  @Override
  ObjectStore open() {
    var location =
        new S3Location(
            container.getEndpoint(),
            container.getRegion(),
            BUCKET,
            true,
            new Credentials(container.getAccessKey(), container.getSecretKey()));
    var config =
        new S3Config(
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
    var ids = new AtomicInteger();
    return S3ObjectStore.open(config, () -> new UUID(TESTS.get(), ids.incrementAndGet()));
  }

  @Override
  String prefix() {
    return prefix;
  }

  @Override
  int largeObjectBytes() {
    return 11 * 1024 * 1024 + 17;
  }
}
