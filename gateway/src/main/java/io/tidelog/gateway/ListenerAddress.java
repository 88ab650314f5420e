package io.tidelog.gateway;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;

/**
 * A named place to bind or to tell clients, written {@code NAME://host:port}.
 *
 * @param host may be empty: every address; an IPv6 address is without brackets
 * @param port 0 for any free one
 */
public record ListenerAddress(String name, String host, int port) {

  private static final int MAX_PORT = 65_535;

  /**
   * @throws Fault.Refused {@code INVALID_CONFIG}
   */
  public static ListenerAddress parse(String text) {
    int scheme = text.indexOf("://");
    int colon = text.lastIndexOf(':');
    if (scheme < 1 || colon < scheme + 3) {
      throw refused(text);
    }
    var name = text.substring(0, scheme).toUpperCase(java.util.Locale.ROOT);
    var host = text.substring(scheme + 3, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    return new ListenerAddress(name, host, parsePort(text, text.substring(colon + 1)));
  }

  /** True when it binds every address of the machine. */
  public boolean isEveryAddress() {
    return host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
  }

  public ListenerAddress withPort(int otherPort) {
    return new ListenerAddress(name, host, otherPort);
  }

  private static int parsePort(String text, String digits) {
    try {
      int port = Integer.parseInt(digits);
      if (port >= 0 && port <= MAX_PORT) {
        return port;
      }
      throw refused(text);
    } catch (NumberFormatException e) {
      throw refused(text);
    }
  }

  private static Fault.Refused refused(String text) {
    return new Fault.Refused(
        Refusal.INVALID_CONFIG,
        "Listener " + text + " is not written NAME://host:port with a port from 0 to 65535");
  }
}
