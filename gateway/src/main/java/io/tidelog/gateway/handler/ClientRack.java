package io.tidelog.gateway.handler;

import io.tidelog.gateway.forward.ClientZones;
import io.tidelog.gateway.wire.ClientRequest;
import org.jspecify.annotations.Nullable;

/**
 * The rack that a client named in its fetches, {@code client.rack} of a consumer; other requests do
 * not name it. Attached to its connection.
 */
public final class ClientRack implements AutoCloseable {

  private String rack = "";

  private ClientRack() {}

  /** A fetch named this rack, perhaps an empty one. */
  public static void note(ClientRequest request, String rack) {
    if (!rack.isEmpty()) {
      request.link().attached(ClientRack.class, ClientRack::new).rack = rack;
    }
  }

  /** The zone of whoever sent the request, null when nobody knows. */
  public static @Nullable String zoneOf(ClientRequest request, ClientZones zones) {
    var known = request.link().find(ClientRack.class);
    return zones.of(
        request.clientId(),
        request.clientAddress(),
        request.listenerName(),
        known == null ? null : known.rack);
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
