package io.tidelog.gateway.handler;

import io.tidelog.gateway.forward.ClientZones;
import io.tidelog.gateway.forward.ShownLeaders;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import io.tidelog.metadata.api.ClusterImage;
import io.tidelog.metadata.api.ClusterImages;
import io.tidelog.metadata.api.NodeImage;
import java.util.ArrayList;
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
 * Tells where groups are coordinated: at the gateway that clients are told for the group's
 * partition of the offsets topic, once that exists. Transactions and share groups are refused for
 * good, so that no client waits for them.
 */
public final class FindCoordinatorHandler implements RequestHandler {

  private static final short BATCHED_VERSION = 4;
  private static final NodeImage NOBODY = new NodeImage(-1, "", -1, null);

  private final ClusterImages images;
  private final Supplier<CompletionStage<Void>> groupsReady;
  private final ClientZones zones;

  /**
   * @param groupsReady creates the topic of offsets when it is missing; safe to call always
   */
  public FindCoordinatorHandler(ClusterImages images, Supplier<CompletionStage<Void>> groupsReady) {
    this(images, groupsReady, ClientZones.UNSET);
  }

  /**
   * @param groupsReady creates the topic of offsets when it is missing; safe to call always
   */
  public FindCoordinatorHandler(
      ClusterImages images, Supplier<CompletionStage<Void>> groupsReady, ClientZones zones) {
    this.images = images;
    this.groupsReady = groupsReady;
    this.zones = zones;
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
      refuse(request, keys, refusal(body), "Only groups are coordinated by this server.");
      return;
    }
    Outcomes.await(
        request,
        groupsReady.get().handle((ready, fault) -> Optional.ofNullable(fault)),
        fault ->
            fault.ifPresentOrElse(
                why -> refuse(request, keys, KafkaErrors.of(why), KafkaErrors.message(why)),
                () -> answer(request, keys)));
  }

  /** Errors after which clients give up instead of asking again. */
  private static Errors refusal(FindCoordinatorRequestData body) {
    return body.keyType() == CoordinatorType.TRANSACTION.id()
        ? Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
        : Errors.INVALID_REQUEST;
  }

  /** The gateway to be told for a group, as for a partition. */
  private NodeImage coordinator(ClientRequest request, ClusterImage cluster, String group) {
    var offsets = GroupHomes.offsets(cluster);
    if (offsets == null) {
      return NOBODY;
    }
    var shown = ShownLeaders.of(cluster, ClientRack.zoneOf(request, zones));
    var node = cluster.node(shown.leader(offsets, GroupHomes.partition(offsets, group)));
    return node == null ? NOBODY : SeenNodes.seenBy(request, cluster, node);
  }

  private void answer(ClientRequest request, List<String> groups) {
    var cluster = images.current();
    var found = new ArrayList<Coordinator>(groups.size());
    for (var group : groups) {
      var node = coordinator(request, cluster, group);
      var error = node.id() < 0 ? Errors.COORDINATOR_NOT_AVAILABLE : Errors.NONE;
      found.add(
          new Coordinator()
              .setKey(group)
              .setErrorCode(error.code())
              .setErrorMessage(error == Errors.NONE ? null : error.message())
              .setNodeId(node.id())
              .setHost(node.host())
              .setPort(node.port()));
    }
    respond(request, found);
  }

  private static void refuse(
      ClientRequest request, List<String> keys, Errors error, @Nullable String message) {
    respond(
        request,
        keys.stream()
            .map(
                key ->
                    new Coordinator()
                        .setKey(key)
                        .setErrorCode(error.code())
                        .setErrorMessage(message)
                        .setNodeId(NOBODY.id())
                        .setHost(NOBODY.host())
                        .setPort(NOBODY.port()))
            .toList());
  }

  private static void respond(ClientRequest request, List<Coordinator> found) {
    if (request.version() >= BATCHED_VERSION) {
      request.respond(new FindCoordinatorResponseData().setCoordinators(found));
      return;
    }
    var only = found.getFirst();
    request.respond(
        new FindCoordinatorResponseData()
            .setErrorCode(only.errorCode())
            .setErrorMessage(only.errorMessage())
            .setNodeId(only.nodeId())
            .setHost(only.host())
            .setPort(only.port()));
  }
}
