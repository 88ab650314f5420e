package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsReferenceTest {

  private static final Path REFERENCE = Path.of("..", "docs", "metrics.md");

  @TempDir Path data;

  @Test
  void theReferenceNamesExactlyWhatIsServed() throws Exception {
    try (var node = new RunningNode(data, Map.of());
        var producer = node.producer(Map.of());
        var consumer = node.consumer("g", Map.of());
        var http = HttpClient.newHttpClient()) {
      // Without a delay topic and a group there are no figures of them.
      producer.send(new ProducerRecord<>("orders_30m", "value")).get();
      consumer.commitSync(Map.of(new TopicPartition("orders_30m", 0), new OffsetAndMetadata(0)));
      var page =
          http.send(
                  HttpRequest.newBuilder(URI.create("http://" + node.admin() + "/metrics")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      assertThat(names(page, "(?m)^# TYPE (tidelog_\\w+)"))
          .isEqualTo(names(Files.readString(REFERENCE), "(?m)^\\| `(tidelog_\\w+)[`{]"));
    }
  }

  @Test
  void syncTimesAreCountedUpToTheLongest() throws Exception {
    try (var node = new RunningNode(data, Map.of());
        var producer = node.producer(Map.of());
        var http = HttpClient.newHttpClient()) {
      producer.send(new ProducerRecord<>("orders", "value")).get();
      var page =
          http.send(
                  HttpRequest.newBuilder(URI.create("http://" + node.admin() + "/metrics")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      var within =
          Pattern.compile("tidelog_log_syncs_within_total\\{.*le=\"(\\d+)\".*} ([0-9.E]+)")
              .matcher(page)
              .results()
              .collect(
                  Collectors.toMap(
                      found -> Long.valueOf(found.group(1)),
                      found -> Double.valueOf(found.group(2)),
                      (one, other) -> one,
                      TreeMap::new));
      assertThat(List.copyOf(within.values())).isSorted();
      assertThat(within.lastEntry().getValue()).isPositive();
      assertThat(within.firstEntry().getValue()).as("none within a microsecond").isZero();
    }
  }

  private static Set<String> names(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
