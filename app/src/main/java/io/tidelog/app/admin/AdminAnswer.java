package io.tidelog.app.admin;

import io.tidelog.core.Fault;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionException;

/** One answer of the admin endpoint. Immutable but for its bytes, which it owns. */
record AdminAnswer(int status, String type, byte[] body) {

  private static final String TEXT = "text/plain; charset=utf-8";

  static AdminAnswer text(int status, String body) {
    return of(status, TEXT, body);
  }

  static AdminAnswer of(int status, String type, String body) {
    return new AdminAnswer(status, type, body.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the request has this method; if not it is answered. */
  static boolean isMethod(HttpServerRequest request, HttpMethod method) {
    if (request.method().equals(method)) {
      return true;
    }
    text(405, "only " + method.name() + "\n").to(request);
    return false;
  }

  /** Whether a program sent the request, and no web page; if not it is answered. */
  static boolean isFromProgram(HttpServerRequest request) {
    if (request.getHeader(AdminRoutes.HEADER) != null) {
      return true;
    }
    text(403, "send the header " + AdminRoutes.HEADER + "\n").to(request);
    return false;
  }

  static AdminAnswer ofFailure(Throwable failure) {
    var cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return text(statusOf(cause), cause.getMessage() + "\n");
  }

  private static int statusOf(Throwable cause) {
    if (!(cause instanceof Fault.Refused refused)) {
      return 503;
    }
    return switch (refused.refusal()) {
      case UNKNOWN_TOPIC_OR_PARTITION -> 404;
      case INVALID_REQUEST -> 400;
      default -> 503;
    };
  }

  /** From any thread. */
  void to(HttpServerRequest request) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", type)
        .end(Buffer.buffer(body));
  }
}
