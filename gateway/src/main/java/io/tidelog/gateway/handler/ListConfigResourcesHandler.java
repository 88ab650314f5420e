package io.tidelog.gateway.handler;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import java.util.List;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ListConfigResourcesRequest;

/** Lists what has settings: topics and this node (KIP-1142). */
public final class ListConfigResourcesHandler implements RequestHandler {

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
    var types = body.resourceTypes();
    boolean firstVersion = request.version() == 0; // client metrics only, and there are none
    var response = new ListConfigResourcesResponseData();
    if (!firstVersion && wants(types, ConfigResource.Type.TOPIC)) {
      images
          .current()
          .topics()
          .forEach(topic -> add(response, ConfigResource.Type.TOPIC, topic.name()));
    }
    if (!firstVersion && wants(types, ConfigResource.Type.BROKER)) {
      images
          .current()
          .nodes()
          .forEach(node -> add(response, ConfigResource.Type.BROKER, Integer.toString(node.id())));
    }
    request.respond(response);
  }

  private static boolean wants(List<Byte> types, ConfigResource.Type type) {
    return types.isEmpty() || types.contains(type.id());
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
