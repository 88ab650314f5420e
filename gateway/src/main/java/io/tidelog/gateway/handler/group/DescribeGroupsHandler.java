package io.tidelog.gateway.handler.group;

import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.RequestHandler;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeGroupsRequest;

/** Describes classic groups. */
public final class DescribeGroupsHandler implements RequestHandler {

  /**
   * Read, delete, describe, describe configs and alter configs: all operations a client could be
   * authorised for; nobody is refused yet.
   */
  static final int ALL_GROUP_OPERATIONS = 0b0000_1101_0100_1000;

  private final GroupCoordinators coordinators;

  public DescribeGroupsHandler(GroupCoordinators coordinators) {
    this.coordinators = coordinators;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.DESCRIBE_GROUPS;
  }

  @Override
  public void handle(ClientRequest request) {
    var body = ((DescribeGroupsRequest) request.body()).data();
    // Once each: a large group named often would make an answer without measure.
    var names = body.groups().stream().distinct().toList();
    GroupCoordinators.answer(
        request,
        coordinators.ask(groups -> groups.describeGroups(request.context(), names)),
        described ->
            new DescribeGroupsResponseData()
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
    return withOperations ? group.setAuthorizedOperations(ALL_GROUP_OPERATIONS) : group;
  }
}
