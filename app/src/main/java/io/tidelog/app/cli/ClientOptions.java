package io.tidelog.app.cli;

import io.tidelog.app.telemetry.ConsoleLog;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** How the small client commands find a node. */
final class ClientOptions {

  static final String DEFAULT_BOOTSTRAP = "localhost:9092";

  private static final int CONNECT_TIMEOUT_MS = 5_000;

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      defaultValue = DEFAULT_BOOTSTRAP,
      description = "a node's address (default ${DEFAULT-VALUE})")
  String bootstrap = DEFAULT_BOOTSTRAP;

  /**
   * What any client needs to reach the node.
   *
   * @throws Fault.Retriable at once when nobody listens there; a client would try again for long
   */
  Map<String, Object> properties() {
    checkReachable();
    ConsoleLog.silenceClients();
    var properties = new HashMap<String, Object>();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("request.timeout.ms", 10_000);
    properties.put("default.api.timeout.ms", 15_000);
    return properties;
  }

  private void checkReachable() {
    IOException failure = null;
    for (var address : bootstrap.split(",", -1)) {
      try (var socket = new Socket()) {
        socket.connect(parse(address.strip()), CONNECT_TIMEOUT_MS);
        return;
      } catch (IOException e) {
        failure = e;
      }
    }
    throw new Fault.Retriable(
        "no node answers at "
            + bootstrap
            + "; start one with "
            + TidelogCommand.NAME
            + " start, or name another with --bootstrap",
        failure);
  }

  private static InetSocketAddress parse(String address) {
    int colon = address.lastIndexOf(':');
    try {
      return new InetSocketAddress(
          address.substring(0, Math.max(0, colon)), Integer.parseInt(address.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      throw new Fault.Refused(
          Refusal.INVALID_REQUEST, "--bootstrap " + address + " is not written HOST:PORT");
    }
  }
}
