package io.tidelog.app.node;

import io.tidelog.app.config.NodeConfig;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.config.Setting;
import io.tidelog.metadata.api.Endpoint;

/** Where other nodes are told to connect to what listens here. */
final class Advertised {

  private static final int MAX_PORT = 65_535;

  private Advertised() {}

  /**
   * What a setting says, as {@code host:port}, or where it is bound when the setting is empty.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG}, naming the key
   */
  static Endpoint of(Setting<String> setting, NodeConfig config, Endpoint bound) {
    var text = config.get(setting);
    return text.isEmpty() ? bound : parse(setting, text);
  }

  /**
   * What a setting says that is not empty.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG}, naming the key
   */
  static Endpoint parse(Setting<String> setting, String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || !text.substring(colon + 1).matches("\\d{1,5}")) {
      throw refused(setting, text);
    }
    var host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    int port = Integer.parseInt(text.substring(colon + 1));
    if (port < 1 || port > MAX_PORT) {
      throw refused(setting, text);
    }
    return new Endpoint(host, port);
  }

  private static Fault.Refused refused(Setting<String> setting, String text) {
    return new Fault.Refused(
        Refusal.INVALID_CONFIG,
        setting.name() + "=" + text + " is not written host:port with a port from 1 to 65535");
  }
}
