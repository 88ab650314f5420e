package io.tidelog.gateway.wire;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/** Who answers which request. What has no handler is neither answered nor advertised. */
public final class RequestRouter {

  private final Map<ApiKeys, RequestHandler> handlers = new EnumMap<>(ApiKeys.class);

  /**
   * @throws IllegalArgumentException for two handlers of one API key
   */
  public RequestRouter(Collection<? extends RequestHandler> handlers) {
    for (var handler : handlers) {
      var other = this.handlers.put(handler.api(), handler);
      if (other != null) {
        throw new IllegalArgumentException("two handlers for " + handler.api());
      }
    }
  }

  /** The handler that serves this version, or null. */
  public @Nullable RequestHandler find(ApiKeys api, short version) {
    var handler = handlers.get(api);
    return handler != null && version >= handler.minVersion() && version <= handler.maxVersion()
        ? handler
        : null;
  }

  /**
   * A fresh list of what is served. Produce is advertised from version 0 on, which no broker serves
   * any more, since librdkafka before 2.12 concludes from a higher one that it knows no codec
   * (KAFKA-18659).
   */
  public ApiVersionCollection advertised() {
    var versions = new ApiVersionCollection(handlers.size());
    for (var handler : handlers.values()) {
      short min =
          handler.api() == ApiKeys.PRODUCE
              ? ApiKeys.PRODUCE_API_VERSIONS_RESPONSE_MIN_VERSION
              : handler.minVersion();
      versions.add(
          new ApiVersion()
              .setApiKey(handler.api().id)
              .setMinVersion(min)
              .setMaxVersion(handler.maxVersion()));
    }
    return versions;
  }
}
