package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.forward.ForwardLink;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.metadata.api.ClusterImage;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.jspecify.annotations.Nullable;

/** OffsetFetch: of one group, or since version 8 of several. */
final class OffsetFetchApi implements ForwardingHandler.Api {

  private final ForwardingHandler.Api one =
      new OneGroupApi(
          ApiKeys.OFFSET_FETCH,
          body -> ((OffsetFetchRequest) body).groups().getFirst().groupId(),
          OffsetFetchApi::isMisplaced,
          true,
          _ -> 0);

  private final ForwardingHandler.Api several =
      new ManyGroupsApi<>(ApiKeys.OFFSET_FETCH, new GroupShapes.Offsets());

  @Override
  public ApiKeys key() {
    return ApiKeys.OFFSET_FETCH;
  }

  @Override
  public boolean isHere(ClientRequest request, ClusterImage image, @Nullable ForwardLink link) {
    return of(request).isHere(request, image, link);
  }

  @Override
  public ApiPieces takeApart(ClientRequest request, ClusterImage image) {
    return of(request).takeApart(request, image);
  }

  @Override
  public boolean needsGroups() {
    return true;
  }

  private ForwardingHandler.Api of(ClientRequest request) {
    return request.version() < GroupShapes.Offsets.BATCHED_SINCE ? one : several;
  }

  /** Before version 2 only partitions have errors. */
  private static boolean isMisplaced(ApiMessage answer) {
    var told = (OffsetFetchResponseData) answer;
    return told.errorCode() == Errors.NOT_COORDINATOR.code()
        || told.topics().stream()
            .flatMap(topic -> topic.partitions().stream())
            .anyMatch(partition -> partition.errorCode() == Errors.NOT_COORDINATOR.code());
  }
}
