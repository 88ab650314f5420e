package io.tidelog.gateway.handler;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.NodeImage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.jspecify.annotations.Nullable;

/**
 * Tells where groups are coordinated: at this node, once the topic of offsets exists. Transactions
 * and share groups are refused for good, so that no client waits for them.
 */
public final class FindCoordinatorHandler implements RequestHandler {

  private static final short BATCHED_VERSION = 4;
  private static final NodeImage NOBODY = new NodeImage(-1, "", -1, null);

  private final ClusterImages images;
  private final Supplier<CompletionStage<Void>> groupsReady;

  /**
   * @param groupsReady creates the topic of offsets when it is missing; safe to call always
   */
  public FindCoordinatorHandler(ClusterImages images, Supplier<CompletionStage<Void>> groupsReady) {
    this.images = images;
    this.groupsReady = groupsReady;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.FIND_COORDINATOR;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((FindCoordinatorRequest) request.body()).data();
    var keys = request.version() < BATCHED_VERSION ? List.of(body.key()) : body.coordinatorKeys();
    if (body.keyType() != CoordinatorType.GROUP.id()) {
      answer(request, keys, NOBODY, refusal(body), "Only groups are coordinated by this server.");
      return;
    }
    Outcomes.await(
        request,
        groupsReady.get().handle((ready, fault) -> Optional.ofNullable(fault)),
        fault ->
            answer(
                request,
                keys,
                thisNode(request, images.current()),
                fault.map(KafkaErrors::of).orElse(Errors.NONE),
                fault.map(KafkaErrors::message).orElse(null)));
  }

  /** Errors after which clients give up instead of asking again. */
  private static Errors refusal(FindCoordinatorRequestData body) {
    return body.keyType() == CoordinatorType.TRANSACTION.id()
        ? Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
        : Errors.INVALID_REQUEST;
  }

  private static NodeImage thisNode(ClientRequest request, ClusterImage cluster) {
    var node = cluster.node(cluster.controllerId());
    if (node == null) {
      throw new IllegalStateException("the only node is not in the picture of the cluster");
    }
    return SeenNodes.seenBy(request, cluster, node);
  }

  private static void answer(
      ClientRequest request,
      List<String> keys,
      NodeImage node,
      Errors error,
      @Nullable String message) {
    var found = error == Errors.NONE ? node : NOBODY;
    if (request.version() < BATCHED_VERSION) {
      request.respond(
          new FindCoordinatorResponseData()
              .setErrorCode(error.code())
              .setErrorMessage(message)
              .setNodeId(found.id())
              .setHost(found.host())
              .setPort(found.port()));
      return;
    }
    request.respond(
        new FindCoordinatorResponseData()
            .setCoordinators(
                keys.stream()
                    .map(
                        key ->
                            new Coordinator()
                                .setKey(key)
                                .setErrorCode(error.code())
                                .setErrorMessage(message)
                                .setNodeId(found.id())
                                .setHost(found.host())
                                .setPort(found.port()))
                    .toList()));
  }
}
