package io.tidelog.app.admin;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.vertx.core.http.HttpServer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Opens the port of an HTTP server; blocks, for the start of a node. */
final class HttpPort {

  private static final long TIMEOUT_SECONDS = 10;

  private HttpPort() {}

  /**
   * Listens there and returns the port it got.
   *
   * @param port 0 for a free one
   * @param what the operator's word for it
   * @param remedy what to do when it cannot be had
   * @throws Fault.Refused {@code INVALID_CONFIG} when it cannot be had
   */
  static int open(HttpServer server, String host, int port, String what, String remedy) {
    try {
      return server
          .listen(port, host)
          .toCompletionStage()
          .toCompletableFuture()
          .get(TIMEOUT_SECONDS, TimeUnit.SECONDS)
          .actualPort();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while opening " + what, e);
    } catch (ExecutionException | TimeoutException e) {
      var cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG,
          "cannot listen on " + what + " (" + cause.getMessage() + "); " + remedy);
    }
  }
}
