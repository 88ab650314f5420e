package io.tidelog.gateway.handler;

import io.tidelog.gateway.forward.ShownLeaders;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import java.util.TreeSet;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeClusterRequest;

/**
 * Tells the cluster's id and nodes; there is one kind of endpoint, that of brokers. Fenced brokers,
 * as Kafka calls them, are the nodes that clients cannot use for now.
 */
public final class DescribeClusterHandler implements RequestHandler {

  /** All operations on the cluster; nobody is refused yet. */
  static final int ALL_CLUSTER_OPERATIONS = 0b0001_1111_1010_0000;

  private static final byte BROKER_ENDPOINT = 1;
  private static final byte CONTROLLER_ENDPOINT = 2;

  private final ClusterImages images;

  public DescribeClusterHandler(ClusterImages images) {
    this.images = images;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.DESCRIBE_CLUSTER;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((DescribeClusterRequest) request.body()).data();
    if (body.endpointType() != BROKER_ENDPOINT) {
      request.respond(
          new DescribeClusterResponseData()
              .setErrorCode(
                  body.endpointType() == CONTROLLER_ENDPOINT
                      ? Errors.MISMATCHED_ENDPOINT_TYPE.code()
                      : Errors.UNSUPPORTED_ENDPOINT_TYPE.code())
              .setErrorMessage("This endpoint is that of brokers."));
      return;
    }
    var cluster = images.current();
    var response =
        new DescribeClusterResponseData()
            .setEndpointType(BROKER_ENDPOINT)
            .setClusterId(cluster.clusterId())
            .setControllerId(ShownLeaders.of(cluster, null).controller());
    if (body.includeClusterAuthorizedOperations()) {
      response.setClusterAuthorizedOperations(ALL_CLUSTER_OPERATIONS);
    }
    for (var node : SeenNodes.brokers(request, cluster)) {
      response
          .brokers()
          .add(
              new DescribeClusterBroker()
                  .setBrokerId(node.id())
                  .setHost(node.host())
                  .setPort(node.port())
                  .setRack(node.rack()));
    }
    if (body.includeFencedBrokers()) {
      addFenced(cluster, response);
    }
    request.respond(response);
  }

  /** Nodes that clients cannot use: those that are not alive, and those without a gateway. */
  private static void addFenced(ClusterImage cluster, DescribeClusterResponseData response) {
    var known = new TreeSet<Integer>();
    cluster.registrations().forEach(node -> known.add(node.id()));
    cluster.logs().forEach(log -> known.addAll(log.replicas()));
    response.brokers().forEach(broker -> known.remove(broker.brokerId()));
    for (int id : known) {
      var broker = new DescribeClusterBroker().setBrokerId(id).setPort(-1).setIsFenced(true);
      var node = cluster.registration(id);
      if (node != null) {
        broker.setHost(node.internal().host()).setPort(node.internal().port()).setRack(node.rack());
      }
      response.brokers().add(broker);
    }
  }
}
