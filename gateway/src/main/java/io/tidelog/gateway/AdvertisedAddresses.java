package io.tidelog.gateway;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where clients are told to reach this node, by the name of the listener they asked on. The
 * listener's lane publishes the ports once they are bound; anybody reads.
 */
public final class AdvertisedAddresses {

  private final Map<String, ListenerAddress> advertised = new LinkedHashMap<>();
  private final String ownName;

  /** What is known of the bound listeners; immutable, replaced as a whole. */
  private volatile Map<String, ListenerAddress> current;

  /**
   * @param ownName the host told for listeners that bind every address
   */
  public AdvertisedAddresses(GatewayConfig config, String ownName) {
    this.ownName = ownName;
    config.advertised().forEach(address -> advertised.put(address.name(), address));
    this.current = resolve(config.listeners());
  }

  /** The listeners are bound, with these ports. */
  public void onBound(List<ListenerAddress> bound) {
    current = resolve(bound);
  }

  /**
   * What to tell who asks on this listener.
   *
   * @param listenerName one of the configuration's
   */
  public ListenerAddress of(String listenerName) {
    var known = current.get(listenerName);
    if (known == null) {
      throw new IllegalArgumentException("no listener " + listenerName);
    }
    return known;
  }

  /** What to register for the other nodes: the address of the first listener. */
  public ListenerAddress first() {
    return current.values().iterator().next();
  }

  private Map<String, ListenerAddress> resolve(List<ListenerAddress> listeners) {
    var resolved = new LinkedHashMap<String, ListenerAddress>();
    for (var listener : listeners) {
      resolved.put(listener.name(), resolve(listener));
    }
    return resolved;
  }

  private ListenerAddress resolve(ListenerAddress listener) {
    var told = advertised.get(listener.name());
    if (told != null) {
      return told;
    }
    return listener.isEveryAddress()
        ? new ListenerAddress(listener.name(), ownName, listener.port())
        : listener;
  }
}
