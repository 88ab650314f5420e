package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a collector gets, decoded from the bytes that came (opentelemetry-proto, metrics/v1). */
class OtlpTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path data;

  private final List<Export> exports = new CopyOnWriteArrayList<>();

  private record Export(String path, String type, ProtobufMessage request) {}

  @Test
  void metricsArriveUnderTheNodesNameAndOnceMoreAtItsEnd() throws Exception {
    var collector = collector(200);
    try {
      try (var node = new RunningNode(data, settings(collector.getAddress().getPort(), "200"));
          var producer = node.producer(Map.of())) {
        producer.send(new ProducerRecord<>("orders", "value")).get();
        await()
            .atMost(PATIENCE)
            .until(() -> exports.stream().anyMatch(export -> appendedRecords(export) == 1));
      }
      var last = exports.getLast();
      assertThat(last.path()).isEqualTo("/v1/metrics");
      assertThat(last.type()).isEqualTo("application/x-protobuf");
      assertThat(resource(last))
          .containsEntry("service.name", "tidelog")
          .containsEntry("service.instance.id", "1");
      assertThat(appendedRecords(last)).isEqualTo(1);
      assertThat(names(last)).contains("tidelog.log.appended.bytes", "tidelog.cold.alarm");
    } finally {
      collector.stop(0);
    }
  }

  @Test
  void anEndLongBeforeTheIntervalHasPassedIsExportedToo() throws Exception {
    var collector = collector(200);
    try {
      try (var node = new RunningNode(data, settings(collector.getAddress().getPort(), "3600000"));
          var producer = node.producer(Map.of())) {
        producer.send(new ProducerRecord<>("orders", "value")).get();
        assertThat(exports).isEmpty();
      }
      assertThat(exports).singleElement().matches(export -> appendedRecords(export) == 1);
    } finally {
      collector.stop(0);
    }
  }

  @Test
  @Timeout(120)
  void aNodeServesAndStopsWhoseCollectorRefusesSaysNothingOrIsNotThere() throws Exception {
    var refusing = collector(503);
    try (var silent = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
      for (int port : List.of(refusing.getAddress().getPort(), silent.getLocalPort(), 1)) {
        try (var node = new RunningNode(data.resolve("" + port), settings(port, "100"));
            var producer = node.producer(Map.of());
            var pages = new AdminPages(node.admin())) {
          producer.send(new ProducerRecord<>("orders", "value")).get();
          assertThat(pages.metric("tidelog_log_appended_records_total")).isEqualTo(1);
          assertThat(pages.get("/health/ready").statusCode()).isEqualTo(200);
        }
      }
      assertThat(exports).isNotEmpty();
    } finally {
      refusing.stop(0);
    }
  }

  private static Map<String, String> settings(int port, String intervalMs) {
    return Map.of(
        "tidelog.otlp.endpoint",
        "http://127.0.0.1:" + port,
        "tidelog.otlp.interval.ms",
        intervalMs);
  }

  private HttpServer collector(int status) throws IOException {
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", exchange -> take(exchange, status));
    server.start();
    return server;
  }

  private void take(HttpExchange exchange, int status) throws IOException {
    try (exchange;
        var body = exchange.getRequestBody()) {
      exports.add(
          new Export(
              exchange.getRequestURI().getPath(),
              exchange.getRequestHeaders().getFirst("content-type"),
              new ProtobufMessage(body.readAllBytes())));
      exchange.sendResponseHeaders(status, -1);
    }
  }

  /**
   * ExportMetricsServiceRequest: resource_metrics 1 of resource 1, scope_metrics 2 of metrics 2.
   */
  private static Stream<ProtobufMessage> metrics(Export export) {
    return export
        .request()
        .messages(1)
        .flatMap(one -> one.messages(2))
        .flatMap(one -> one.messages(2));
  }

  private static List<String> names(Export export) {
    return metrics(export).map(metric -> metric.text(1)).toList();
  }

  /** Metric: sum 7 of data_points 1, each with as_int 6. */
  private static long appendedRecords(Export export) {
    return metrics(export)
        .filter(metric -> metric.text(1).equals("tidelog.log.appended.records"))
        .flatMap(metric -> metric.messages(7))
        .flatMap(sum -> sum.messages(1))
        .mapToLong(point -> point.number(6))
        .sum();
  }

  /** Resource: attributes 1, each a key 1 and a value 2 with string_value 1. */
  private static Map<String, String> resource(Export export) {
    return export
        .request()
        .messages(1)
        .flatMap(resourceMetrics -> resourceMetrics.messages(1))
        .flatMap(resource -> resource.messages(1))
        .collect(
            Collectors.toMap(
                attribute -> attribute.text(1),
                attribute -> attribute.messages(2).findFirst().orElseThrow().text(1)));
  }
}
