package io.tidelog.app.admin;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@code /metrics} (Prometheus text format 0.0.4) and what its {@link AdminRoutes} have.
 * Binds to loopback only.
 */
public final class AdminServer implements AutoCloseable {

  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final HttpServer server;
  private final Supplier<byte[]> metrics;
  private final List<AdminRoutes> routes;

  /**
   * @param metrics one scrape; called on the event loop and must not block
   */
  public AdminServer(Vertx vertx, Supplier<byte[]> metrics, List<AdminRoutes> routes) {
    this.server = vertx.createHttpServer();
    this.metrics = metrics;
    this.routes = routes;
  }

  /** Listens on {@code port}, 0 for a free one, and returns the port it got. */
  public int start(int port) {
    server.requestHandler(this::onRequest);
    return HttpPort.open(
        server, "127.0.0.1", port, "admin port " + port, "--admin-port names another");
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
