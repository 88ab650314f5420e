package io.tidelog.benchmarks.side;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.errors.ApiException;

/** What several workloads do with a server. */
final class Steps {

  static final Duration PATIENCE = Duration.ofMinutes(5);

  /** For what should take seconds. */
  private static final Duration BRIEF_PATIENCE = Duration.ofSeconds(90);

  private static final Duration GLANCE = Duration.ofSeconds(1);
  private static final double QUIET_CORES = 0.1;
  private static final int ONE_FETCH_BYTES = 1 << 20;

  private Steps() {}

  static void sleep(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    for (long nowNs = System.nanoTime(); nowNs < end; nowNs = System.nanoTime()) {
      LockSupport.parkNanos(end - nowNs);
    }
  }

  static double secondsSince(long startNs) {
    return (System.nanoTime() - startNs) / 1e9;
  }

  /** Starts the server and waits until it has created a topic. */
  static void startWith(
      ServerProcess server, String topic, int partitions, Map<String, String> settings)
      throws IOException {
    server.start();
    try (var client = RawClient.await(server, PATIENCE)) {
      client.createTopics(List.of(topic), partitions, settings);
    }
  }

  static void startWith(ServerProcess server, String topic, int partitions) throws IOException {
    startWith(server, topic, partitions, Map.of());
  }

  /** Appends one record as soon as the server takes it, and fetches it. */
  static void produceAndFetchOne(
      ServerProcess server, String topic, int partition, byte[] produceFrame) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      try (var client = RawClient.await(server, PATIENCE)) {
        long offset = client.produceAtLast(topic, produceFrame);
        fetchFrom(client, topic, partition, offset);
        return;
      } catch (IOException closed) {
        LockSupport.parkNanos(1_000_000);
      }
    }
    throw new IllegalStateException("no record came back in time");
  }

  private static void fetchFrom(RawClient client, String topic, int partition, long offset)
      throws IOException {
    boolean fetched = false;
    while (!fetched) {
      try {
        fetched = client.fetch(topic, partition, offset, ONE_FETCH_BYTES).bytes() > 0;
      } catch (ApiException notYet) {
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  /** Waits until the server has nothing to do any more. */
  static void awaitQuiet(ServerProcess server) {
    long end = System.nanoTime() + BRIEF_PATIENCE.toNanos();
    var before = server.stat();
    do {
      sleep(GLANCE);
      var after = server.stat();
      if (after.cpuSecondsSince(before) < QUIET_CORES * GLANCE.toMillis() / 1e3) {
        return;
      }
      before = after;
    } while (System.nanoTime() < end);
    throw new IllegalStateException("the server did not come to rest");
  }

  /** The value of one of Tidelog's own metrics. */
  static double metric(ServerProcess server, String name) throws IOException, InterruptedException {
    return metrics(server)
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no metric " + name));
  }

  /** All of Tidelog's own metrics. */
  static String metrics(ServerProcess server) throws IOException, InterruptedException {
    var uri = URI.create("http://127.0.0.1:" + server.adminPort() + "/metrics");
    try (var http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
