package io.tidelog.app.admin;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@code /metrics} (Prometheus text format 0.0.4), {@code /health/live} (200 while the
 * process answers) and {@code /health/ready} (200 when a client would be served, else 503 with the
 * reason). Binds to loopback only; there is nothing to authorise that reads or changes records.
 */
public final class AdminServer implements AutoCloseable {

  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final long START_TIMEOUT_SECONDS = 10;

  private final HttpServer server;
  private final Supplier<byte[]> metrics;
  private final NotReadyReason notReadyReason;

  /** Says why a client would not be served now, or null when it would. */
  @FunctionalInterface
  public interface NotReadyReason {
    @Nullable String now();
  }

  /**
   * @param metrics one scrape; called on the event loop and must not block
   * @param notReadyReason null when ready
   */
  public AdminServer(Vertx vertx, Supplier<byte[]> metrics, NotReadyReason notReadyReason) {
    this.server = vertx.createHttpServer();
    this.metrics = metrics;
    this.notReadyReason = notReadyReason;
  }

  /** Listens on {@code port}, 0 for a free one, and returns the port it got. */
  public int start(int port) {
    server.requestHandler(this::onRequest);
    try {
      return server
          .listen(port, "127.0.0.1")
          .toCompletionStage()
          .toCompletableFuture()
          .get(START_TIMEOUT_SECONDS, TimeUnit.SECONDS)
          .actualPort();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while opening the admin port", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG, "Cannot listen on admin port " + port + ": " + e.getMessage());
    }
  }

  private void onRequest(HttpServerRequest request) {
    if (!request.method().equals(HttpMethod.GET)) {
      answer(request, 405, TEXT, utf8("only GET\n"));
      return;
    }
    switch (request.path()) {
      case "/metrics" -> answer(request, 200, PROMETHEUS, metrics.get());
      case "/health/live" -> answer(request, 200, TEXT, utf8("live\n"));
      case "/health/ready" -> {
        var reason = notReadyReason.now();
        answer(
            request, reason == null ? 200 : 503, TEXT, utf8(reason == null ? "ready\n" : reason));
      }
      case null, default ->
          answer(request, 404, TEXT, utf8("/metrics /health/live /health/ready\n"));
    }
  }

  private static void answer(HttpServerRequest request, int status, String type, byte[] body) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", type)
        .end(Buffer.buffer(body));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    server.close();
  }
}
