package io.tidelog.metadata.store.etcd;

import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import io.tidelog.core.config.Secret;
import io.tidelog.core.config.Setting;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** See {@link EtcdSettings}, by which this is checked. */
public record EtcdConfig(
    List<URI> endpoints,
    String prefix,
    @Nullable Login login,
    @Nullable Tls tls,
    int requestTimeoutMs,
    int watchIdleMs,
    int reconnectMs,
    int responseMaxBytes,
    int callsMax,
    int callsWaitingMax) {

  /** With it, a transaction within our limits is within etcd's. */
  private static final int MAX_PREFIX_LENGTH = 255;

  /** A user of etcd and its password. */
  public record Login(String username, Secret password) {}

  /**
   * How connections are protected.
   *
   * @param ca trusted authorities, or null for those Java trusts
   * @param certificate shown to etcd together with {@code key}, or both null
   */
  public record Tls(@Nullable Path ca, @Nullable Path certificate, @Nullable Path key) {}

  /**
   * Reads the settings out of a node's configuration.
   *
   * @param texts values by name; what is absent has its default
   * @throws Fault.Refused {@code INVALID_CONFIG} when one is wrong or two do not fit together
   */
  public static EtcdConfig of(Map<String, String> texts) {
    var endpoints = new ArrayList<URI>();
    boolean https = false;
    for (var text : value(EtcdSettings.ENDPOINTS, texts)) {
      var endpoint = endpoint(text);
      https |= endpoint.getScheme().equals("https");
      endpoints.add(endpoint);
    }
    boolean http = endpoints.stream().anyMatch(e -> e.getScheme().equals("http"));
    if (endpoints.isEmpty()) {
      throw refused(EtcdSettings.ENDPOINTS.name() + " names no member of etcd");
    }
    if (http && https) {
      throw refused(EtcdSettings.ENDPOINTS.name() + " mixes http and https");
    }
    return new EtcdConfig(
        List.copyOf(endpoints),
        prefix(texts),
        login(texts),
        tls(texts, https),
        value(EtcdSettings.REQUEST_TIMEOUT_MS, texts),
        value(EtcdSettings.WATCH_IDLE_MS, texts),
        value(EtcdSettings.RECONNECT_MS, texts),
        value(EtcdSettings.RESPONSE_MAX_BYTES, texts),
        value(EtcdSettings.CALLS_MAX, texts),
        value(EtcdSettings.CALLS_WAITING_MAX, texts));
  }

  private static URI endpoint(String text) {
    try {
      var withScheme = text.contains("://") ? text : "http://" + text;
      var endpoint = URI.create(withScheme);
      boolean sound =
          List.of("http", "https").contains(endpoint.getScheme())
              && endpoint.getHost() != null
              && endpoint.getPort() > 0
              && endpoint.getUserInfo() == null
              && endpoint.getPath().isEmpty();
      if (sound) {
        return endpoint;
      }
    } catch (IllegalArgumentException e) {
      // Told below, as every text that is no endpoint.
    }
    throw refused(
        EtcdSettings.ENDPOINTS.name() + ": " + text + " is not host:port or https://host:port");
  }

  private static String prefix(Map<String, String> texts) {
    var prefix = value(EtcdSettings.PREFIX, texts);
    boolean visible = prefix.chars().allMatch(c -> c > ' ' && c <= '~');
    if (prefix.isEmpty() || prefix.length() > MAX_PREFIX_LENGTH || !visible) {
      throw refused(
          EtcdSettings.PREFIX.name()
              + " is 1 to "
              + MAX_PREFIX_LENGTH
              + " visible ASCII characters");
    }
    return prefix;
  }

  private static @Nullable Login login(Map<String, String> texts) {
    var username = value(EtcdSettings.USERNAME, texts);
    var password = value(EtcdSettings.PASSWORD, texts);
    if (username.isEmpty() != password.isEmpty()) {
      throw refused(
          EtcdSettings.USERNAME.name()
              + " and "
              + EtcdSettings.PASSWORD.name()
              + " are set together or not at all");
    }
    return username.isEmpty() ? null : new Login(username, password);
  }

  private static @Nullable Tls tls(Map<String, String> texts, boolean https) {
    var ca = file(EtcdSettings.TLS_CA_FILE, texts);
    var certificate = file(EtcdSettings.TLS_CERT_FILE, texts);
    var key = file(EtcdSettings.TLS_KEY_FILE, texts);
    if ((certificate == null) != (key == null)) {
      throw refused(
          EtcdSettings.TLS_CERT_FILE.name()
              + " and "
              + EtcdSettings.TLS_KEY_FILE.name()
              + " are set together or not at all");
    }
    if (ca == null && !https) {
      if (certificate != null) {
        throw refused(
            EtcdSettings.TLS_CERT_FILE.name() + " needs TLS: name the endpoints with https://");
      }
      return null;
    }
    return new Tls(ca, certificate, key);
  }

  private static @Nullable Path file(Setting<String> setting, Map<String, String> texts) {
    var text = value(setting, texts);
    return text.isEmpty() ? null : Path.of(text);
  }

  private static <T> T value(Setting<T> setting, Map<String, String> texts) {
    return setting.parse(texts.getOrDefault(setting.name(), setting.defaultText()));
  }

  private static Fault.Refused refused(String message) {
    return new Fault.Refused(Refusal.INVALID_CONFIG, message);
  }
}
