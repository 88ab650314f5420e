package io.tidelog.app.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.exporter.prometheus.PrometheusMetricReader;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.resources.Resource;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects the instruments of a node, writes a scrape and sends all to a collector, if there is
 * one. Without one the SDK is built at the first scrape, so that a start does not wait for it.
 */
public final class NodeMetrics implements AutoCloseable {

  private static final AttributeKey<String> SERVICE_NAME = AttributeKey.stringKey("service.name");

  private static final AttributeKey<String> INSTANCE_ID =
      AttributeKey.stringKey("service.instance.id");

  private final int nodeId;
  private final List<Consumer<Meter>> instruments;
  private final @Nullable OtlpTarget otlp;
  private @Nullable Sdk sdk;

  private record Sdk(PrometheusMetricReader reader, SdkMeterProvider provider) {}

  /**
   * @param instruments register asynchronous instruments on a meter, which any thread may read, one
   *     at a time
   * @param otlp where they are sent; null for nowhere
   */
  public NodeMetrics(int nodeId, List<Consumer<Meter>> instruments, @Nullable OtlpTarget otlp) {
    this.nodeId = nodeId;
    this.instruments = List.copyOf(instruments);
    this.otlp = otlp;
    if (otlp != null) {
      sdk = build();
    }
  }

  /** One scrape; called by one thread at a time. */
  public byte[] scrape() {
    var built = sdk == null ? build() : sdk;
    sdk = built;
    var bytes = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(bytes, built.reader().collect());
    } catch (IOException e) {
      throw new UncheckedIOException("an array takes every byte", e);
    }
    return bytes.toByteArray();
  }

  private Sdk build() {
    var reader = PrometheusMetricReader.create();
    var builder =
        SdkMeterProvider.builder()
            .setResource(
                Resource.create(
                    Attributes.of(SERVICE_NAME, "tidelog", INSTANCE_ID, Integer.toString(nodeId))))
            .registerMetricReader(reader);
    if (otlp != null) {
      builder.registerMetricReader(otlp.reader());
    }
    var provider = builder.build();
    var meter = provider.get("io.tidelog");
    instruments.forEach(instrument -> instrument.accept(meter));
    return new Sdk(reader, provider);
  }

  @Override
  public void close() {
    var built = sdk;
    if (built != null) {
      built.provider().close();
    }
  }
}
