package io.tidelog.app.cli;

import io.tidelog.app.admin.AdminRoutes;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How the small commands for operators find a node's admin endpoint, and ask it. */
final class AdminOptions {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      defaultValue = "localhost:8080",
      description = "a node's admin address (default ${DEFAULT-VALUE})")
  String admin = "localhost:8080";

  String get(String path) throws InterruptedException {
    return send(request(path).GET());
  }

  String post(String path, String name, String value) throws InterruptedException {
    var query = "?" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    return send(
        request(path + query)
            .header(AdminRoutes.HEADER, "command line")
            .POST(HttpRequest.BodyPublishers.noBody()));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + admin + path)).timeout(TIMEOUT);
  }

  private String send(HttpRequest.Builder request) throws InterruptedException {
    try (var http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
      var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new Fault.Refused(Refusal.INVALID_REQUEST, answer.body().strip());
      }
      return answer.body();
    } catch (IOException e) {
      throw new Fault.Retriable("no answer from the admin endpoint at " + admin, e);
    }
  }
}
