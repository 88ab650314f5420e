package io.tidelog.chaos.cluster;

import io.tidelog.chaos.world.Host;
import io.tidelog.chaos.world.Network;
import io.tidelog.chaos.world.Programs;
import io.tidelog.chaos.world.Worlds;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A node's metrics, which it tells on loopback of its own machine only: this program, run there,
 * prints the page.
 */
final class Metrics {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private Metrics() {}

  /** {@code PORT}. */
  public static void main(String[] args) throws IOException, InterruptedException {
    try (var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + args[0] + "/metrics"))
              .timeout(TIMEOUT)
              .build();
      System.out.print(http.send(request, BodyHandlers.ofString()).body());
    }
  }

  /**
   * The sum of all series of a metric.
   *
   * @throws IOException when the node does not answer, or has no such metric
   */
  static double read(Network network, Host host, int port, String metric) throws IOException {
    var ended =
        Programs.run(network.on(host, Worlds.java(Metrics.class, List.of(Integer.toString(port)))));
    var values =
        Pattern.compile("(?m)^" + metric + "(?:\\{[^}]*})? (\\S+)")
            .matcher(ended.output())
            .results()
            .mapToDouble(series -> Double.parseDouble(series.group(1)))
            .toArray();
    if (!ended.isFine() || values.length == 0) {
      throw new IOException(host + " does not tell " + metric + ": " + ended.output());
    }
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }
}
