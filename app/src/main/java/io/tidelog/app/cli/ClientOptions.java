package io.tidelog.app.cli;

import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** How the small client commands find a node. */
final class ClientOptions {

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      defaultValue = "localhost:9092",
      description = "a node's address (default ${DEFAULT-VALUE})")
  String bootstrap = "localhost:9092";

  Map<String, Object> properties() {
    var properties = new HashMap<String, Object>();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("request.timeout.ms", 10_000);
    properties.put("default.api.timeout.ms", 15_000);
    return properties;
  }
}
