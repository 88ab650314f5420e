package io.tidelog.gateway.forward;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells the zone of a client: from a tag in its client.id, else from its address, else from the
 * listener it came in by, else from the rack it names. Immutable.
 */
public final class ClientZones {

  /** Tells no zone but that of a tag or a rack. */
  public static final ClientZones UNSET = new ClientZones(List.of(), Map.of());

  /** A client.id such as {@code orders,zone=eu-1a}; zones as Kafka's racks have no spaces. */
  private static final Pattern TAG = Pattern.compile("(?:^|[,;])zone=([^,;\\s]+)");

  private static final Pattern ADDRESS = Pattern.compile("[0-9a-fA-F.:]+");

  private final List<Network> networks;
  private final Map<String, String> byListener;

  private ClientZones(List<Network> networks, Map<String, String> byListener) {
    this.networks = networks;
    this.byListener = byListener;
  }

  /**
   * @throws Fault.Refused {@code INVALID_CONFIG}, naming the key
   */
  public static ClientZones of(Map<String, String> properties) {
    var cidrs = ZoneSettings.CIDRS;
    var networks = new ArrayList<Network>();
    for (var text : cidrs.parse(properties.getOrDefault(cidrs.name(), cidrs.defaultText()))) {
      networks.add(Network.parse(text));
    }
    networks.sort(Comparator.comparingInt(Network::prefixBits).reversed());
    var listeners = ZoneSettings.LISTENERS;
    var byListener = new HashMap<String, String>();
    for (var text :
        listeners.parse(properties.getOrDefault(listeners.name(), listeners.defaultText()))) {
      var pair = pair(listeners.name(), text);
      byListener.put(pair[0].toUpperCase(Locale.ROOT), pair[1]);
    }
    return new ClientZones(List.copyOf(networks), Map.copyOf(byListener));
  }

  /**
   * @param listener the name of the listener it came in by
   * @param rack as a consumer names it, or null
   * @return null when nobody knows
   */
  public @Nullable String of(
      String clientId, InetAddress address, String listener, @Nullable String rack) {
    var tag = clientId.contains("zone=") ? TAG.matcher(clientId) : null;
    if (tag != null && tag.find()) {
      return tag.group(1);
    }
    var bytes = address.getAddress();
    for (var network : networks) {
      if (network.contains(bytes)) {
        return network.zone;
      }
    }
    var zone = byListener.get(listener);
    return zone != null ? zone : rack;
  }

  private static String[] pair(String key, String text) {
    int at = text.indexOf('=');
    if (at < 1 || at == text.length() - 1) {
      throw new Fault.Refused(
          Refusal.INVALID_CONFIG, key + " has " + text + ", which names no zone behind a =");
    }
    return new String[] {text.substring(0, at).strip(), text.substring(at + 1).strip()};
  }

  /** Addresses that begin with the same bits. */
  private record Network(byte[] address, int prefixBits, String zone) {

    static Network parse(String text) {
      var pair = pair(ZoneSettings.CIDRS.name(), text);
      var cidr = pair[0];
      int slash = cidr.indexOf('/');
      var host = slash < 0 ? cidr : cidr.substring(0, slash);
      try {
        if (!ADDRESS.matcher(host).matches()) {
          throw new UnknownHostException(host); // a name would be looked up
        }
        var address = InetAddress.getByName(host).getAddress();
        int all = address.length * Byte.SIZE;
        int bits = slash < 0 ? all : Integer.parseInt(cidr.substring(slash + 1));
        if (bits < 0 || bits > all) {
          throw new NumberFormatException("prefix of " + bits + " bits");
        }
        return new Network(address, bits, pair[1]);
      } catch (UnknownHostException | NumberFormatException e) {
        throw new Fault.Refused(
            Refusal.INVALID_CONFIG,
            ZoneSettings.CIDRS.name() + " has " + text + ", which begins with no CIDR: " + e);
      }
    }

    boolean contains(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      int whole = prefixBits / Byte.SIZE;
      for (int i = 0; i < whole; i++) {
        if (other[i] != address[i]) {
          return false;
        }
      }
      int rest = prefixBits % Byte.SIZE;
      int mask = 0xff00 >> rest & 0xff;
      return rest == 0 || ((other[whole] ^ address[whole]) & mask) == 0;
    }
  }
}
