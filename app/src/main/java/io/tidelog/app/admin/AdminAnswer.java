package io.tidelog.app.admin;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;

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

  /** From any thread. */
  void to(HttpServerRequest request) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", type)
        .end(Buffer.buffer(body));
  }
}
