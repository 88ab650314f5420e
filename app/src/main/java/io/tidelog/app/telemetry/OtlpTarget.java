package io.tidelog.app.telemetry;

import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.config.NodeSettings;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A collector that takes metrics by OTLP over HTTP, as protobuf.
 *
 * @param endpoint with its path
 * @param interval between two exports
 */
public record OtlpTarget(URI endpoint, Duration interval) {

  private static final String DEFAULT_PATH = "/v1/metrics";

  /** For one export; a stopping node sends once more, and waits for that. */
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  /**
   * What the settings say; null for none.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG}
   */
  public static @Nullable OtlpTarget of(NodeConfig config) {
    var text = config.get(NodeSettings.OTLP_ENDPOINT);
    return text.isEmpty()
        ? null
        : new OtlpTarget(
            endpoint(text), Duration.ofMillis(config.get(NodeSettings.OTLP_INTERVAL_MS)));
  }

  private static URI endpoint(String text) {
    try {
      var uri = URI.create(text);
      if (uri.getHost() != null && List.of("http", "https").contains(uri.getScheme())) {
        var path = uri.getPath();
        return path.isEmpty() || path.equals("/") ? uri.resolve(DEFAULT_PATH) : uri;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new Fault.Refused(
        Refusal.INVALID_CONFIG,
        NodeSettings.OTLP_ENDPOINT.name() + "=" + text + " is not written http://host:port");
  }

  /** Sends everything each time the interval has passed; a failed export is not repeated. */
  MetricReader reader() {
    var exporter =
        OtlpHttpMetricExporter.builder()
            .setEndpoint(endpoint.toString())
            .setTimeout(TIMEOUT)
            .setConnectTimeout(TIMEOUT)
            .setComponentLoader(JdkHttpSender.LOADER)
            .build();
    return PeriodicMetricReader.builder(exporter).setInterval(interval).build();
  }
}
