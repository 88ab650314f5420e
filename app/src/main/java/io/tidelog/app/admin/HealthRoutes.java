package io.tidelog.app.admin;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@code GET /health/live} (200 while the process answers) and {@code GET /health/ready}
 * (200 when a client may be sent here, else 503 with the reason).
 */
public final class HealthRoutes implements AdminRoutes {

  private final NotReadyReason notReadyReason;

  /** Says why no client should be sent here now, a line, or null when one may; must not block. */
  @FunctionalInterface
  public interface NotReadyReason {
    @Nullable String now();
  }

  public HealthRoutes(NotReadyReason notReadyReason) {
    this.notReadyReason = notReadyReason;
  }

  @Override
  public boolean answer(HttpServerRequest request) {
    var answer =
        switch (request.path()) {
          case "/health/live" -> AdminAnswer.text(200, "live\n");
          case "/health/ready" -> ready();
          case null, default -> null;
        };
    if (answer != null && AdminAnswer.isMethod(request, HttpMethod.GET)) {
      answer.to(request);
    }
    return answer != null;
  }

  private AdminAnswer ready() {
    var reason = notReadyReason.now();
    return reason == null ? AdminAnswer.text(200, "ready\n") : AdminAnswer.text(503, reason);
  }
}
