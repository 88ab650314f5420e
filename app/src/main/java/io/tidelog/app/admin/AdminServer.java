package io.tidelog.app.admin;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@code /metrics} (Prometheus text format 0.0.4), {@code /health/live} (200 while the
 * process answers) and {@code /health/ready} (200 when a client would be served, else 503 with the
 * reason), and what its {@link AdminRoutes} have. Binds to loopback only.
 */
public final class AdminServer implements AutoCloseable {

  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final long START_TIMEOUT_SECONDS = 10;

  private final HttpServer server;
  private final Supplier<byte[]> metrics;
  private final NotReadyReason notReadyReason;
  private final List<AdminRoutes> routes;

  /** Says why a client would not be served now, or null when it would. */
  @FunctionalInterface
  public interface NotReadyReason {
    @Nullable String now();
  }

  /**
   * @param metrics one scrape; called on the event loop and must not block
   * @param notReadyReason null when ready
   */
  public AdminServer(
      Vertx vertx,
      Supplier<byte[]> metrics,
      NotReadyReason notReadyReason,
      List<AdminRoutes> routes) {
    this.server = vertx.createHttpServer();
    this.metrics = metrics;
    this.notReadyReason = notReadyReason;
    this.routes = routes;
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
      var cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG,
          "cannot listen on admin port "
              + port
              + " ("
              + cause.getMessage()
              + "); --admin-port names another");
    }
  }

  private void onRequest(HttpServerRequest request) {
    boolean isAnswered = routes.stream().anyMatch(some -> some.answer(request));
    if (!isAnswered && AdminAnswer.isMethod(request, HttpMethod.GET)) {
      answer(request.path()).to(request);
    }
  }

  private AdminAnswer answer(@Nullable String path) {
    return switch (path) {
      case "/metrics" -> new AdminAnswer(200, PROMETHEUS, metrics.get());
      case "/health/live" -> AdminAnswer.text(200, "live\n");
      case "/health/ready" -> {
        var reason = notReadyReason.now();
        yield reason == null ? AdminAnswer.text(200, "ready\n") : AdminAnswer.text(503, reason);
      }
      case null, default ->
          AdminAnswer.text(
              404, "/metrics /health/live /health/ready /delay /delay/deliver /nodes\n");
    };
  }

  @Override
  public void close() {
    server.close();
  }
}
