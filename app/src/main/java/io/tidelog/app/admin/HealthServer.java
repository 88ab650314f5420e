package io.tidelog.app.admin;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.concurrent.TimeUnit;

/**
 * Serves {@link HealthRoutes} and nothing else, to load balancers, so that the admin endpoint can
 * stay on loopback. A connection that is silent for half a minute is closed.
 */
public final class HealthServer implements AutoCloseable {

  private static final int IDLE_TIMEOUT_SECONDS = 30;

  private final HttpServer server;
  private final HealthRoutes routes;

  public HealthServer(Vertx vertx, HealthRoutes routes) {
    this.server =
        vertx.createHttpServer(
            new HttpServerOptions()
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setIdleTimeout(IDLE_TIMEOUT_SECONDS));
    this.routes = routes;
  }

  /** Listens there, on a free port for 0, and returns the port it got. */
  public int start(String host, int port) {
    server.requestHandler(
        request -> {
          if (!routes.answer(request)) {
            AdminAnswer.text(404, "/health/live /health/ready\n").to(request);
          }
        });
    return HttpPort.open(
        server,
        host,
        port,
        host + ":" + port + " for health",
        "tidelog.health.listener names another");
  }

  @Override
  public void close() {
    server.close();
  }
}
