package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidelog.testkit.s3.S3FaultProxy;
import io.tidelog.testkit.s3.S3FaultProxy.Trouble;
import io.tidelog.testkit.s3.S3FaultProxy.Weather;
import io.tidelog.testkit.s3.S3ProxyServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node whose object store is a bucket on a real S3 server, on good days and on bad ones. */
class BucketTest {

  private static final String BUCKET = "tide";

  /** Longer than a test; the weather changes before. */
  private static final long NO_ANSWER_YET_MS = 600_000;

  private static final int MIB = 1 << 20;

  @TempDir static Path serverFolder;

  private static S3ProxyServer server;

  @TempDir Path folder;

  private final String prefix = "prefix/" + UUID.randomUUID();
  private S3FaultProxy bucket;
  private ChildNode node;

  @BeforeAll
  static void startServer() throws IOException {
    server = S3ProxyServer.start(serverFolder, BUCKET);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void startNode() throws IOException {
    bucket = S3FaultProxy.start(server.endpoint());
    startNode(64);
  }

  private void startNode(int maxLocalMib) throws IOException {
    node =
        new ChildNode(
            folder,
            Map.of(
                "tidelog.object.store", "s3://" + BUCKET + "/" + prefix,
                "tidelog.s3.endpoint", bucket.endpoint().toString(),
                "tidelog.segment.bytes", "1048576",
                "tidelog.segment.ms", "500",
                "tidelog.local.max.bytes", Integer.toString(maxLocalMib * MIB),
                "log.local.retention.ms", "1",
                "tidelog.cold.alarm.ms", "1000",
                "tidelog.cold.delete.grace.ms", "1000"));
    node.environment("AWS_ACCESS_KEY_ID", S3ProxyServer.ACCESS_KEY);
    node.environment("AWS_SECRET_ACCESS_KEY", S3ProxyServer.SECRET_KEY);
    node.start();
  }

  @AfterEach
  void stopNode() throws IOException {
    node.close();
    bucket.close();
  }

  @Test
  void recordsAreReadBackFromTheBucketAlsoAfterARestart() throws Exception {
    try (var lines = new LinesTopic(node.bootstrap())) {
      lines.create();
      var values = lines.produce("line", 20_000);
      lines.awaitFirstLocalOffset(19_000);
      assertThat(lines.consume(0, values.size())).isEqualTo(values);
      node.kill();
      node.start();
      assertThat(lines.firstLocalOffset()).isGreaterThanOrEqualTo(19_000);
      assertThat(lines.consume(0, values.size())).isEqualTo(values);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"errors", "done, but answered with an error", "cut connections", "away"})
  void whatIsProducedInAnOutageStaysHereAndIsOffloadedAfterwards(String outage) throws Exception {
    try (var lines = new LinesTopic(node.bootstrap());
        var pages = new AdminPages(node.admin())) {
      lines.create();
      var values = new ArrayList<>(lines.produce("before", 4_000));
      lines.awaitFirstLocalOffset(1);

      bucket.weather(weather(outage));
      values.addAll(lines.produce("during", 12_000));
      await().atMost(LinesTopic.PATIENCE).until(() -> pages.metric("tidelog_cold_alarm") == 1);
      assertThat(pages.metric("tidelog_cold_failures_total")).isPositive();
      assertThat(lines.firstLocalOffset()).isLessThanOrEqualTo(4_000);
      values.addAll(lines.produce("still-during", 100));
      assertThat(lines.consume(4_000, values.size()))
          .isEqualTo(values.subList(4_000, values.size()));

      bucket.weather(Weather.FAIR);
      await().atMost(LinesTopic.PATIENCE).until(() -> pages.metric("tidelog_cold_alarm") == 0);
      lines.awaitFirstLocalOffset(16_000);
      assertThat(lines.consume(0, values.size())).isEqualTo(values);
      objects().awaitNoOrphan();
    }
  }

  @Test
  void aSlowBucketDelaysTheOffloadAndNoProducer() throws Exception {
    try (var lines = new LinesTopic(node.bootstrap());
        var pages = new AdminPages(node.admin())) {
      lines.create();
      bucket.weather(method -> new Trouble.Late(NO_ANSWER_YET_MS));
      var values = new ArrayList<>(lines.produce("slow", 8_000));
      assertThat(pages.metric("tidelog_cold_uploaded_objects_total")).isZero();
      assertThat(lines.firstLocalOffset()).isZero();
      bucket.weather(method -> new Trouble.Late(300));
      await()
          .atMost(LinesTopic.PATIENCE)
          .until(() -> pages.metric("tidelog_cold_uploaded_objects_total") >= 1);
      assertThat(lines.consume(0, values.size())).isEqualTo(values);
      bucket.weather(Weather.FAIR);
      lines.awaitFirstLocalOffset(7_000);
      assertThat(lines.consume(0, values.size())).isEqualTo(values);
      objects().awaitNoOrphan();
    }
  }

  @Test
  void aBucketThatTakesTooLittleHoldsProducersBackLongBeforeTheDiskIsFull() throws Exception {
    int maxMib = 16;
    node.close();
    startNode(maxMib);
    try (var lines = new LinesTopic(node.bootstrap());
        var pages = new AdminPages(node.admin())) {
      lines.create();
      bucket.weather(method -> new Trouble.Late(NO_ANSWER_YET_MS));
      var values =
          CompletableFuture.supplyAsync(
              () -> lines.produceOrThrow("much", 2 * maxMib * MIB / LinesTopic.VALUE_BYTES));
      await()
          .atMost(LinesTopic.PATIENCE)
          .until(() -> pages.metric("tidelog_log_refused_total") > 0);
      assertThat(values).as("twice what has room").isNotDone();
      assertThat(pages.metric("tidelog_log_offload_lag_bytes")).isGreaterThan(maxMib * MIB / 2.0);
      assertThat(pages.metric("tidelog_log_local_bytes")).isLessThan(maxMib * MIB);
      assertThat(pages.metric("tidelog_log_full")).isZero();

      bucket.weather(Weather.FAIR);
      var sent = values.get(60, TimeUnit.SECONDS);
      assertThat(lines.consume(0, sent.size())).isEqualTo(sent);
    }
  }

  @Test
  void changingTroubleLosesNothingAndLeavesNoOrphan() throws Exception {
    long seed = Long.getLong("tidelog.seed", System.nanoTime());
    System.out.println("BucketTest seed " + seed);
    var random = new Random(seed);
    try (var lines = new LinesTopic(node.bootstrap())) {
      lines.create();
      bucket.weather(method -> anyTrouble(random));
      var values = new ArrayList<String>();
      for (int i = 0; i < 10; i++) {
        values.addAll(lines.produce("part-" + i, 2_000));
      }
      await().atMost(LinesTopic.PATIENCE).until(() -> bucket.disturbed() >= 30);
      bucket.weather(Weather.FAIR);
      lines.awaitFirstLocalOffset(19_000);
      assertThat(lines.consume(0, values.size())).isEqualTo(values);
      objects().awaitNoOrphan();
    }
  }

  @Test
  void anObjectWhoseUploaderWasKilledBeforeItKnewIsCleanedUp() throws Exception {
    try (var lines = new LinesTopic(node.bootstrap())) {
      lines.create();
      bucket.weather(weather("done, but answered with an error"));
      var values = new ArrayList<>(lines.produce("before", 4_000));
      await().atMost(LinesTopic.PATIENCE).until(() -> !objects().names().isEmpty());
      node.kill();
      var orphans = objects().names();
      bucket.weather(Weather.FAIR);
      node.start();
      values.addAll(lines.produce("after", 4_000));
      lines.awaitFirstLocalOffset(7_000);
      await()
          .atMost(LinesTopic.PATIENCE)
          .until(() -> objects().names().stream().noneMatch(orphans::contains));
      assertThat(lines.consume(0, values.size())).isEqualTo(values);
      objects().awaitNoOrphan();
    }
  }

  @Test
  void aNodeStartsAndServesWhileItsBucketIsAway() throws Exception {
    try (var lines = new LinesTopic(node.bootstrap())) {
      lines.create();
      var values = new ArrayList<>(lines.produce("before", 100));
      node.kill();
      bucket.weather(weather("away"));
      node.start();
      values.addAll(lines.produce("after", 4_000));
      assertThat(lines.consume(0, values.size())).isEqualTo(values);
      bucket.weather(Weather.FAIR);
      lines.awaitFirstLocalOffset(4_000);
      assertThat(lines.consume(0, values.size())).isEqualTo(values);
    }
  }

  private static Weather weather(String outage) {
    return switch (outage) {
      case "errors" -> method -> new Trouble.Refused(method.equals("PUT") ? 503 : 500);
      case "done, but answered with an error" ->
          method -> method.equals("PUT") ? new Trouble.DoneButFailed(500) : new Trouble.None();
      case "away" -> method -> new Trouble.Gone();
      case "cut connections" -> method -> new Trouble.Cut();
      default -> throw new IllegalArgumentException(outage);
    };
  }

  private static Trouble anyTrouble(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> new Trouble.Refused(500);
      case 1 -> new Trouble.Refused(503);
      case 2, 3 -> new Trouble.DoneButFailed(500);
      case 4 -> new Trouble.Cut();
      case 5 -> new Trouble.Late(random.nextInt(500));
      default -> new Trouble.None();
    };
  }

  private ColdObjects objects() {
    return new ColdObjects(serverFolder.resolve("buckets").resolve(BUCKET).resolve(prefix));
  }
}
