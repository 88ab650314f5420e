package io.tidelog.gateway;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.config.Setting;
import io.tidelog.gateway.forward.ForwardConfig;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * The gateway's settings, parsed and checked against one another; {@link GatewaySettings} says what
 * each means.
 */
public record GatewayConfig(
    List<ListenerAddress> listeners,
    List<ListenerAddress> advertised,
    boolean autoCreateTopics,
    SocketConfig socket,
    ConnectionConfig connection,
    RequestConfig request,
    ForwardConfig forward) {

  /** How sockets are opened. */
  public record SocketConfig(
      int networkThreads,
      int listenBacklog,
      int sendBufferBytes,
      int receiveBufferBytes,
      int outboundBytes,
      long queuedOutboundBytes) {}

  /** How many connections there may be, and how long. */
  public record ConnectionConfig(
      int maxConnections,
      int maxConnectionsPerIp,
      long maxIdleMs,
      long firstRequestTimeoutMs,
      long pauseMs,
      long drainMs) {}

  /** What one connection may ask for. */
  public record RequestConfig(
      int maxBytes,
      int otherBytes,
      int examinedRecords,
      long queuedBytes,
      int firstBytes,
      long progressWindowMs,
      int progressBytes,
      int inFlightRequests,
      int inFlightBytes) {}

  /**
   * Parses settings; keys of others are passed over, absent ones have their defaults.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG}, naming the key
   */
  public static GatewayConfig of(Map<String, String> properties) {
    var values = new Values(properties);
    var listeners = values.get(GatewaySettings.LISTENERS).stream().map(ListenerAddress::parse);
    var advertised =
        values.get(GatewaySettings.ADVERTISED_LISTENERS).stream().map(ListenerAddress::parse);
    var config =
        new GatewayConfig(
            listeners.toList(),
            advertised.toList(),
            values.get(GatewaySettings.AUTO_CREATE_TOPICS),
            socket(values),
            connection(values),
            request(values),
            ForwardConfig.of(properties));
    config.requireConsistent(values.get(GatewaySettings.LISTENER_SECURITY_PROTOCOL_MAP));
    return config;
  }

  /**
   * The same for the listener on which other gateways pass requests on: it takes as many
   * connections as they make, one for each of their clients, and ends none for being idle or for
   * having stood still itself: terms fence what comes late.
   *
   * @param internal where it listens
   */
  public GatewayConfig forGateways(ListenerAddress internal) {
    return new GatewayConfig(
        List.of(internal),
        List.of(),
        autoCreateTopics,
        socket,
        new ConnectionConfig(
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Long.MAX_VALUE,
            connection.firstRequestTimeoutMs(),
            Long.MAX_VALUE,
            connection.drainMs()),
        new RequestConfig(
            request.maxBytes(),
            request.otherBytes(),
            request.examinedRecords(),
            request.queuedBytes(),
            request.firstBytes(),
            request.progressWindowMs(),
            request.progressBytes(),
            Integer.MAX_VALUE,
            request.inFlightBytes()),
        forward);
  }

  private static SocketConfig socket(Values values) {
    return new SocketConfig(
        values.get(GatewaySettings.NETWORK_THREADS),
        values.get(GatewaySettings.LISTEN_BACKLOG),
        values.get(GatewaySettings.SEND_BUFFER_BYTES),
        values.get(GatewaySettings.RECEIVE_BUFFER_BYTES),
        values.get(GatewaySettings.OUTBOUND_BYTES),
        values.get(GatewaySettings.QUEUED_OUTBOUND_BYTES));
  }

  private static ConnectionConfig connection(Values values) {
    return new ConnectionConfig(
        values.get(GatewaySettings.MAX_CONNECTIONS),
        values.get(GatewaySettings.MAX_CONNECTIONS_PER_IP),
        values.get(GatewaySettings.CONNECTIONS_MAX_IDLE_MS),
        values.get(GatewaySettings.FIRST_REQUEST_TIMEOUT_MS),
        values.get(GatewaySettings.PAUSE_MS),
        values.get(GatewaySettings.DRAIN_MS));
  }

  private static RequestConfig request(Values values) {
    return new RequestConfig(
        values.get(GatewaySettings.REQUEST_MAX_BYTES),
        values.get(GatewaySettings.OTHER_REQUEST_MAX_BYTES),
        values.get(GatewaySettings.EXAMINED_RECORDS),
        values.get(GatewaySettings.QUEUED_REQUEST_BYTES),
        values.get(GatewaySettings.FIRST_REQUEST_BYTES),
        values.get(GatewaySettings.PROGRESS_WINDOW_MS),
        values.get(GatewaySettings.PROGRESS_BYTES),
        values.get(GatewaySettings.IN_FLIGHT_REQUESTS),
        values.get(GatewaySettings.IN_FLIGHT_BYTES));
  }

  private void requireConsistent(List<String> protocols) {
    if (listeners.isEmpty()) {
      throw refused("listeners is empty");
    }
    var names = new HashSet<String>();
    for (var listener : listeners) {
      if (!names.add(listener.name())) {
        throw refused("Two listeners are named " + listener.name());
      }
      if (!protocols.contains(listener.name() + ":PLAINTEXT")) {
        throw refused(
            "Listener "
                + listener.name()
                + " is not mapped to PLAINTEXT in listener.security.protocol.map, the only security"
                + " protocol this version has");
      }
    }
    for (var address : advertised) {
      if (!names.contains(address.name()) || address.host().isEmpty()) {
        throw refused(
            "Advertised listener " + address.name() + " is no listener, or it has no host");
      }
    }
    if (forward.answersMaxBytes() < request.maxBytes()) {
      throw refused("tidelog.forward.answers.max.bytes is less than socket.request.max.bytes");
    }
    if (request.queuedBytes() < request.maxBytes()) {
      throw refused("queued.max.request.bytes is less than socket.request.max.bytes");
    }
  }

  private static Fault.Refused refused(String message) {
    return new Fault.Refused(Refusal.INVALID_CONFIG, message);
  }

  private record Values(Map<String, String> properties) {

    <T> T get(Setting<T> setting) {
      return setting.parse(properties.getOrDefault(setting.name(), setting.defaultText()));
    }
  }
}
