package io.tidelog.gateway.handler;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListConfigResourcesRequest;

/**
 * Lists what has settings: topics and this node (KIP-1142). Groups and client metrics have none of
 * their own.
 */
public final class ListConfigResourcesHandler implements RequestHandler {

  private static final Set<ConfigResource.Type> TYPES =
      EnumSet.complementOf(EnumSet.of(ConfigResource.Type.UNKNOWN));

  private final ClusterImages images;

  public ListConfigResourcesHandler(ClusterImages images) {
    this.images = images;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.LIST_CONFIG_RESOURCES;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((ListConfigResourcesRequest) request.body()).data();
    var response = new ListConfigResourcesResponseData();
    if (request.version() == 0) { // client metrics only, and there are none
      request.respond(response);
      return;
    }
    var types = EnumSet.noneOf(ConfigResource.Type.class);
    body.resourceTypes().forEach(id -> types.add(ConfigResource.Type.forId(id)));
    if (!TYPES.containsAll(types)) {
      request.respond(response.setErrorCode(Errors.UNSUPPORTED_VERSION.code()));
      return;
    }
    var wanted = types.isEmpty() ? TYPES : types;
    var cluster = images.current();
    if (wanted.contains(ConfigResource.Type.TOPIC)) {
      cluster.topics().forEach(topic -> add(response, ConfigResource.Type.TOPIC, topic.name()));
    }
    for (var type : List.of(ConfigResource.Type.BROKER, ConfigResource.Type.BROKER_LOGGER)) {
      if (wanted.contains(type)) {
        cluster.nodes().forEach(node -> add(response, type, Integer.toString(node.id())));
      }
    }
    request.respond(response);
  }

  private static void add(
      ListConfigResourcesResponseData response, ConfigResource.Type type, String name) {
    response
        .configResources()
        .add(
            new ListConfigResourcesResponseData.ConfigResource()
                .setResourceType(type.id())
                .setResourceName(name));
  }
}
