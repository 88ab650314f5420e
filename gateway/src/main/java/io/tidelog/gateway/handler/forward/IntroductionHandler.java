package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.Introduction;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImages;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ApiVersionsRequest;

/**
 * Greets gateways on the internal listener: whoever means this node says for which client it comes.
 * Nobody else is served there, and each connection is for one client.
 */
final class IntroductionHandler implements RequestHandler {

  private final ClusterImages images;

  IntroductionHandler(ClusterImages images) {
    this.images = images;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.API_VERSIONS;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((ApiVersionsRequest) request.body()).data();
    var client = Introduction.of(body);
    var cluster = images.current();
    if (client == null) {
      request.disconnect("this listener is for the gateways of the cluster");
    } else if (request.link().isIntroduced()) {
      request.disconnect("a client was introduced on this connection already");
    } else if (!cluster.clusterId().equals(body.clusterId()) || cluster.nodeId() != body.nodeId()) {
      request.disconnect(
          "node " + body.nodeId() + " of cluster " + body.clusterId() + " was meant");
    } else {
      request.link().onIntroduced(client);
      request.respond(new ApiVersionsResponseData());
    }
  }
}
