package io.tidelog.gateway.handler;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.gateway.wire.RequestRouter;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import java.util.ArrayList;
import java.util.Collection;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKey;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsRequest;

/**
 * Tells a client what this server speaks: the APIs that have a handler, and of Kafka's features
 * only those that work.
 *
 * <p>A client that names another cluster, or a node this one does not have, is told to start anew
 * from its bootstrap servers (KIP-1242). Any node id of this cluster is accepted, since any gateway
 * serves any client.
 */
public final class ApiVersionsHandler implements RequestHandler {

  private static final short CLUSTER_CHECK_VERSION = 5;

  /** Kafka's feature of the consumer group protocol of KIP-848, at its only level. */
  private static final String GROUP_VERSION = "group.version";

  private static final short GROUP_PROTOCOL = 1;

  private final ClusterImages images;
  private final RequestRouter advertised;

  private ApiVersionsHandler(ClusterImages images, Collection<? extends RequestHandler> others) {
    this.images = images;
    var all = new ArrayList<RequestHandler>(others);
    all.add(this);
    this.advertised = new RequestRouter(all);
  }

  /** Routes to these handlers and to one that advertises them. */
  public static RequestRouter routerOf(
      ClusterImages images, Collection<? extends RequestHandler> others) {
    return new ApiVersionsHandler(images, others).advertised;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.API_VERSIONS;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = (ApiVersionsRequest) request.body();
    if (body.hasUnsupportedRequestVersion()) {
      request.fail(Errors.UNSUPPORTED_VERSION.exception());
    } else if (!body.isValid()) {
      request.fail(Errors.INVALID_REQUEST.exception());
    } else if (isMisrouted(request.version(), body, images.current())) {
      request.respond(
          new ApiVersionsResponseData().setErrorCode(Errors.REBOOTSTRAP_REQUIRED.code()));
    } else {
      request.respond(versions());
    }
  }

  private ApiVersionsResponseData versions() {
    var response = new ApiVersionsResponseData().setApiKeys(advertised.advertised());
    if (advertised.find(ApiKeys.CONSUMER_GROUP_HEARTBEAT, (short) 0) != null) {
      response
          .setFinalizedFeaturesEpoch(images.current().revision())
          .supportedFeatures()
          .add(
              new SupportedFeatureKey()
                  .setName(GROUP_VERSION)
                  .setMinVersion(GROUP_PROTOCOL)
                  .setMaxVersion(GROUP_PROTOCOL));
      response
          .finalizedFeatures()
          .add(
              new FinalizedFeatureKey()
                  .setName(GROUP_VERSION)
                  .setMinVersionLevel(GROUP_PROTOCOL)
                  .setMaxVersionLevel(GROUP_PROTOCOL));
    }
    return response;
  }

  private static boolean isMisrouted(short version, ApiVersionsRequest body, ClusterImage cluster) {
    var wanted = body.data().clusterId();
    return version >= CLUSTER_CHECK_VERSION
        && wanted != null
        && (!wanted.equals(cluster.clusterId()) || cluster.node(body.data().nodeId()) == null);
  }
}
