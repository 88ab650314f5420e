package io.tidelog.app;

import static io.tidelog.app.TestTopic.poll;
import static io.tidelog.app.TestTopic.values;
import static io.tidelog.app.TestTopic.valuesOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.app.admin.DelayRoutes;
import io.tidelog.app.cli.TidelogCommand;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of pending records and can do about them. */
class DelayAdminTest {

  private static final long HOUR_MS = 3_600_000;

  @TempDir Path data;

  private RunningNode node;
  private Admin admin;
  private KafkaProducer<String, String> producer;
  private HttpClient http;

  @BeforeEach
  void start() {
    node = new RunningNode(data, Map.of("tidelog.metrics.topics.max", "2"));
    admin = node.adminClient();
    producer = node.producer(Map.of());
    http = HttpClient.newHttpClient();
  }

  @AfterEach
  void stop() {
    http.close();
    producer.close();
    admin.close();
    node.close();
  }

  @Test
  void whatIsPendingIsShownByTopicAndDeliveredWhenAskedFor() throws Exception {
    var topic = TestTopic.create(admin, "orders_1h", Map.of());
    var other = TestTopic.create(admin, "others_1h", Map.of());
    assertThat(get("/delay").body()).isEqualTo("[]\n");
    long beforeMs = System.currentTimeMillis();
    topic.produce(producer, values("pending", 3));
    other.produce(producer, values("pending", 2));
    long afterMs = System.currentTimeMillis();

    var shown = new JsonArray(get("/delay").body());
    assertThat(shown).hasSize(2);
    var first = shown.getJsonObject(0);
    assertThat(first.getString("topic")).isEqualTo("orders_1h");
    assertThat(first.getLong("delayMs")).isEqualTo(HOUR_MS);
    assertThat(first.getLong("partitions")).isEqualTo(1);
    assertThat(first.getLong("pendingRecords")).isEqualTo(3);
    assertThat(first.getLong("pendingBytes")).isPositive();
    assertThat(first.getLong("nextDueMs")).isBetween(beforeMs + HOUR_MS, afterMs + HOUR_MS);
    assertThat(first.getLong("lastDueMs")).isBetween(beforeMs + HOUR_MS, afterMs + HOUR_MS);

    assertThat(deliver("orders_1h", Map.of()).statusCode()).isEqualTo(403);
    assertThat(topic.latest()).isZero();
    assertThat(deliver("orders_1h", Map.of(DelayRoutes.HEADER, "test")).statusCode())
        .isEqualTo(200);
    assertThat(topic.latest()).isEqualTo(3);
    assertThat(other.latest()).isZero();
    try (var consumer = node.consumer("delivered", Map.of())) {
      consumer.assign(List.of(topic.partition()));
      assertThat(valuesOf(poll(consumer, 3))).isEqualTo(values("pending", 3));
    }
    topic.produce(producer, values("later", 1));
    assertThat(topic.latest()).as("what comes later waits").isEqualTo(3);
  }

  @Test
  void aParkedConsumerGetsWhatIsDelivered() throws Exception {
    var topic = TestTopic.create(admin, "parked_1h", Map.of());
    topic.produce(producer, values("pending", 3));
    try (var consumer = node.consumer("parked", Map.of("fetch.max.wait.ms", 20_000))) {
      consumer.assign(List.of(topic.partition()));
      assertThat(consumer.poll(Duration.ofMillis(500))).isEmpty();
      assertThat(TidelogCommand.run("topics", "deliver", "parked_1h", "--admin", node.admin()))
          .isZero();
      long beganMs = System.currentTimeMillis();
      assertThat(valuesOf(poll(consumer, 3))).isEqualTo(values("pending", 3));
      assertThat(System.currentTimeMillis() - beganMs).isLessThan(10_000);
    }
  }

  @Test
  void wrongQuestionsAreRefused() throws Exception {
    var header = Map.of(DelayRoutes.HEADER, "test");
    assertThat(deliver("unknown", header).statusCode()).isEqualTo(404);
    assertThat(get("/delay/deliver?topic=unknown").statusCode()).isEqualTo(405);
    var nameless = request("/delay/deliver").header(DelayRoutes.HEADER, "test");
    assertThat(send(nameless.POST(HttpRequest.BodyPublishers.noBody())).statusCode())
        .isEqualTo(400);
    assertThat(send(request("/delay").POST(HttpRequest.BodyPublishers.noBody())).statusCode())
        .isEqualTo(405);
    assertThat(send(request("/metrics").DELETE()).statusCode()).isEqualTo(405);
    assertThat(TidelogCommand.run("topics", "deliver", "unknown", "--admin", node.admin()))
        .isNotZero();
    assertThat(TidelogCommand.run("topics", "pending", "--admin", node.admin())).isZero();
  }

  @Test
  void aTopicWithoutADelayHasNothingToDeliver() throws Exception {
    var topic = TestTopic.create(admin, "plain", Map.of());
    topic.produce(producer, values("visible", 1));
    var answer = deliver("plain", Map.of(DelayRoutes.HEADER, "test"));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).startsWith("plain is no delay topic");
    assertThat(TidelogCommand.run("topics", "deliver", "plain", "--admin", node.admin()))
        .isEqualTo(1);
  }

  @Test
  void whatWaitsFromBeforeADelayWasRemovedIsDelivered() throws Exception {
    var topic = TestTopic.create(admin, "former_1h", Map.of());
    topic.produce(producer, values("pending", 3));
    var removal = new AlterConfigOp(new ConfigEntry("delay.ms", "0"), AlterConfigOp.OpType.SET);
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, "former_1h");
    admin.incrementalAlterConfigs(Map.of(resource, List.of(removal))).all().get();
    var header = Map.of(DelayRoutes.HEADER, "test");

    assertThat(topic.latest()).isZero();
    assertThat(deliver("former_1h", header).statusCode()).isEqualTo(200);
    assertThat(topic.latest()).isEqualTo(3);
    assertThat(deliver("former_1h", header).statusCode()).isEqualTo(400);
  }

  @Test
  void metricsHaveNoMoreTopicsThanAllowed() throws Exception {
    for (int i = 1; i <= 4; i++) {
      TestTopic.create(admin, "many" + i + "_1h", Map.of()).produce(producer, values("pending", i));
    }
    assertThat(get("/metrics").body())
        .contains(series("pending_records", "many4_1h") + " 4.0")
        .contains(series("pending_records", "many3_1h") + " 3.0")
        .contains(series("pending_records", "(others)") + " 3.0")
        .contains(series("pending_bytes", "(others)"))
        .contains(series("next_due_seconds", "many4_1h"))
        .contains(series("last_due_seconds", "(others)"))
        .doesNotContain("many1_1h")
        .doesNotContain("many2_1h");
    assertThat(new JsonArray(get("/delay").body()).stream().map(JsonObject.class::cast))
        .extracting(topic -> topic.getString("topic"))
        .containsExactly("many4_1h", "many3_1h", "many2_1h", "many1_1h");
  }

  private static String series(String metric, String topic) {
    return "tidelog_delay_" + metric + "{otel_scope_name=\"io.tidelog\",topic=\"" + topic + "\"}";
  }

  private HttpResponse<String> deliver(String topic, Map<String, String> headers) throws Exception {
    var request =
        request("/delay/deliver?topic=" + topic).POST(HttpRequest.BodyPublishers.noBody());
    headers.forEach(request::header);
    return send(request);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(request(path).GET());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + node.admin() + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
