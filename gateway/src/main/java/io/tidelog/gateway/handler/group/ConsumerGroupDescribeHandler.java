package io.tidelog.gateway.handler.group;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;

/** Describes consumer groups (KIP-848). */
public final class ConsumerGroupDescribeHandler implements RequestHandler {

  private final GroupCoordinators coordinators;

  public ConsumerGroupDescribeHandler(GroupCoordinators coordinators) {
    this.coordinators = coordinators;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.CONSUMER_GROUP_DESCRIBE;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((ConsumerGroupDescribeRequest) request.body()).data();
    // Once each: a large group named often would make an answer without measure.
    var names = body.groupIds().stream().distinct().toList();
    GroupCoordinators.answer(
        request,
        coordinators.ask(groups -> groups.consumerGroupDescribe(request.context(), names)),
        described ->
            new ConsumerGroupDescribeResponseData()
                .setGroups(
                    described.stream()
                        .map(group -> told(group, body.includeAuthorizedOperations()))
                        .toList()));
  }

  private DescribedGroup told(DescribedGroup group, boolean withOperations) {
    if (group.errorCode() != Errors.NONE.code()) {
      return group;
    }
    if (!coordinators.mayTell(group.groupId())) {
      return new DescribedGroup()
          .setGroupId(group.groupId())
          .setErrorCode(Errors.NOT_COORDINATOR.code());
    }
    return withOperations
        ? group.setAuthorizedOperations(DescribeGroupsHandler.ALL_GROUP_OPERATIONS)
        : group;
  }
}
