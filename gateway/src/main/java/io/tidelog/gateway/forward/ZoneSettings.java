package io.tidelog.gateway.forward;

import io.tidelog.core.config.Setting;
import java.util.List;

/** Every key about the zones of clients; gateways of a cluster have the same. */
public final class ZoneSettings {

  public static final Setting<List<String>> CIDRS =
      Setting.ofList(
          "tidelog.zones.cidrs",
          "",
          List.of(),
          "Which zone clients are in by their address, as 10.1.0.0/16=eu-1a,fd00:1::/32=eu-1b; the"
              + " longest prefix counts. Clients are told gateways of their own zone (tidelog.zone),"
              + " as long as there are any. A client may say zone=NAME in its client.id, which wins;"
              + " a consumer's client.rack counts where nothing else is said.");

  public static final Setting<List<String>> LISTENERS =
      Setting.ofList(
          "tidelog.zones.listeners",
          "",
          List.of(),
          "Which zone clients are in by the listener they come in by, as NAME=eu-1a; counts where"
              + " tidelog.zones.cidrs says nothing.");

  /** In the order of the reference page. */
  public static final List<Setting<?>> ALL = List.of(CIDRS, LISTENERS);

  private ZoneSettings() {}
}
