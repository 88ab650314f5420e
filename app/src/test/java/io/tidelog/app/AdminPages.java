package io.tidelog.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Pattern;

/** Reads a node's admin endpoint. */
final class AdminPages implements AutoCloseable {

  private final HttpClient http = HttpClient.newHttpClient();
  private final String address;

  /**
   * @param address host and port
   */
  AdminPages(String address) {
    this.address = address;
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://" + address + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** The value of a metric without labels that tell series apart. */
  double metric(String name) throws IOException, InterruptedException {
    var page = get("/metrics").body();
    var value = Pattern.compile("(?m)^" + name + "(?:_ratio)?(?:\\{[^}]*})? (\\S+)").matcher(page);
    assertThat(value.find()).as("%s in\n%s", name, page).isTrue();
    return Double.parseDouble(value.group(1));
  }

  @Override
  public void close() {
    http.close();
  }
}
