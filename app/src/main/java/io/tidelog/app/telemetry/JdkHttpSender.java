package io.tidelog.app.telemetry;

import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.HttpResponse;
import io.opentelemetry.sdk.common.export.HttpSender;
import io.opentelemetry.sdk.common.export.HttpSenderConfig;
import io.opentelemetry.sdk.common.export.HttpSenderProvider;
import io.opentelemetry.sdk.common.export.MessageWriter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Carries what an OTLP exporter sends, by the HTTP client of the JDK. Says in the log when the
 * collector is lost and when it is back, once each; nothing is sent twice, since the next export
 * has it all. From any thread.
 */
final class JdkHttpSender implements HttpSender {

  /** Finds this sender and nothing else, whatever is on the class path. */
  static final ComponentLoader LOADER =
      new ComponentLoader() {
        @Override
        public <T> Iterable<T> load(Class<T> type) {
          HttpSenderProvider provider = JdkHttpSender::new;
          return type.isInstance(provider) ? List.of(type.cast(provider)) : List.of();
        }
      };

  private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(JdkHttpSender.class);

  /** Would write a stack trace for each failure; held, or their level would be lost. */
  private static final List<Logger> TALKATIVE =
      List.of(
          Logger.getLogger("io.opentelemetry.exporter.otlp"),
          Logger.getLogger(PeriodicMetricReader.class.getName()));

  private final HttpSenderConfig config;
  private final HttpClient client;
  private volatile boolean isLost;

  private JdkHttpSender(HttpSenderConfig config) {
    TALKATIVE.forEach(logger -> logger.setLevel(Level.OFF));
    this.config = config;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(config.getConnectTimeout())
            .build();
  }

  @Override
  public void send(
      MessageWriter message, Consumer<HttpResponse> onResponse, Consumer<Throwable> onError) {
    HttpRequest request;
    try {
      request = request(message);
    } catch (IOException e) {
      onError.accept(new UncheckedIOException("an array takes every byte", e));
      return;
    }
    var handler =
        BodyHandlers.limiting(BodyHandlers.ofByteArray(), config.getMaxResponseBodySize());
    var unused =
        client
            .sendAsync(request, handler)
            .whenComplete(
                (answer, failure) -> {
                  if (answer == null) {
                    lost(String.valueOf(causeOf(failure)));
                    onError.accept(causeOf(failure));
                  } else {
                    heard(answer.statusCode());
                    onResponse.accept(new Answer(answer.statusCode(), answer.body()));
                  }
                });
  }

  private HttpRequest request(MessageWriter message) throws IOException {
    var body = new ByteArrayOutputStream();
    var builder =
        HttpRequest.newBuilder(config.getEndpoint())
            .timeout(config.getTimeout())
            .header("content-type", config.getContentType());
    var compressor = config.getCompressor();
    if (compressor == null) {
      message.writeMessage(body);
    } else {
      builder.header("content-encoding", compressor.getEncoding());
      try (var compressed = compressor.compress(body)) {
        message.writeMessage(compressed);
      }
    }
    config
        .getHeadersSupplier()
        .get()
        .forEach((name, values) -> values.forEach(value -> builder.header(name, value)));
    return builder.POST(BodyPublishers.ofByteArray(body.toByteArray())).build();
  }

  private void heard(int status) {
    if (status / 100 != 2) {
      lost("status " + status);
    } else if (isLost) {
      isLost = false;
      LOG.info("metrics are delivered again, endpoint={}", config.getEndpoint());
    }
  }

  private void lost(String cause) {
    if (!isLost) {
      isLost = true;
      LOG.warn("metrics are not delivered, endpoint={} cause={}", config.getEndpoint(), cause);
    }
  }

  private static Throwable causeOf(@Nullable Throwable failure) {
    if (failure instanceof CompletionException && failure.getCause() != null) {
      return failure.getCause();
    }
    return failure == null ? new IllegalStateException("neither answer nor failure") : failure;
  }

  @Override
  public CompletableResultCode shutdown() {
    client.shutdownNow();
    return CompletableResultCode.ofSuccess();
  }

  private record Answer(int getStatusCode, byte[] body) implements HttpResponse {

    @Override
    public String getStatusMessage() {
      return "";
    }

    @Override
    public byte[] getResponseBody() {
      return body;
    }
  }
}
