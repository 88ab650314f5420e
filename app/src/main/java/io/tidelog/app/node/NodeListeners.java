package io.tidelog.app.node;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.app.config.NodeSettings;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.gateway.GatewayConfig;
import io.tidelog.gateway.GatewaySettings;
import io.tidelog.gateway.ListenerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;

/** Decides where a node may listen: nobody is authenticated, so on loopback only unless told. */
final class NodeListeners {

  private static final String LOCALHOST = "localhost";

  private NodeListeners() {}

  /**
   * The node's settings with every listener's port chosen.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG} when an address is open to others and that is not
   *     allowed
   */
  static Map<String, String> checked(NodeConfig config) {
    var settings = new HashMap<>(config.explicit());
    var chosen = new StringBuilder();
    for (var text : config.get(GatewaySettings.LISTENERS)) {
      var listener = ListenerAddress.parse(text);
      if (!isLoopback(listener.host()) && !config.get(NodeSettings.UNPROTECTED)) {
        throw new Fault.Refused(
            Refusal.INVALID_CONFIG,
            "Listener "
                + text
                + " can be reached from other machines and nobody is authenticated: whoever connects"
                + " can read and delete everything. If that is wanted, start with --unprotected");
      }
      chosen.append(chosen.isEmpty() ? "" : ",").append(listener.name()).append("://");
      chosen.append(listener.host()).append(':');
      chosen.append(listener.port() == 0 ? freePort() : listener.port());
    }
    settings.put(GatewaySettings.LISTENERS.name(), chosen.toString());
    if (config.get(NodeSettings.INTERNAL_PORT) == 0) {
      settings.put(NodeSettings.INTERNAL_PORT.name(), Integer.toString(freePort()));
    }
    return settings;
  }

  private static boolean isLoopback(String host) {
    if (host.equals(LOCALHOST)) {
      return true;
    }
    try {
      return !host.isEmpty() && InetAddress.getByName(host).isLoopbackAddress();
    } catch (IOException e) {
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG, "Listener host " + host + " has no address: " + e.getMessage());
    }
  }

  /** What clients of a listener on every address are told, unless advertised.listeners says. */
  static String ownName(GatewayConfig config) {
    if (config.listeners().stream().noneMatch(ListenerAddress::isEveryAddress)) {
      return LOCALHOST; // finding the machine's name may take long
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return LOCALHOST;
    }
  }

  /** The port is told to clients before it is bound, so it is chosen here. */
  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new Fault.Retriable("no free port", e);
    }
  }
}
